# Logits in float32 of a product with the output head.
def finish_logits(self: __torch__.Decoder, y: Tensor) -> Tensor:
  return y.float()
