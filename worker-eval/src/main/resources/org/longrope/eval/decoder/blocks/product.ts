# The matrix product of decoder.ts: x [..., in] times w [out, in], plus b [out].
def product(self: __torch__.Decoder, x: Tensor, w: Tensor, b: Optional[Tensor]) -> Tensor:
  return torch.linear(x, w, b)
