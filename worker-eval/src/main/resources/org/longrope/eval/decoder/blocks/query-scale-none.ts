# Queries that do not grow with their position.
def scale_query(self: __torch__.Decoder, q: Tensor, s: int) -> Tensor:
  return q
