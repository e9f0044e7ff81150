/**
 * Files on any Hadoop file system, the local one included: locations, atomic writes, retries.
 *
 * <p>Begin reading at {@link org.longrope.driver.store.files.FileLocation}.
 */
@NullMarked
package org.longrope.driver.store.files;

import org.jspecify.annotations.NullMarked;
