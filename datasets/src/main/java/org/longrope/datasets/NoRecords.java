package org.longrope.datasets;

import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.Type;

/** Converter that a column store requires for assembling records, which does not happen here. */
final class NoRecords extends GroupConverter {
  private final GroupType type;

  NoRecords(GroupType type) {
    this.type = type;
  }

  @Override
  public Converter getConverter(int field) {
    Type child = type.getType(field);
    return child.isPrimitive() ? new PrimitiveConverter() {} : new NoRecords(child.asGroupType());
  }

  @Override
  public void start() {}

  @Override
  public void end() {}
}
