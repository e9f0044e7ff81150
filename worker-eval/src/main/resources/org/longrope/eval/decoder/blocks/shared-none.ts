# Output of an expert that every token takes: none.
def shared(self: __torch__.Decoder, x: Tensor, w: List[Tensor]) -> Tensor:
  return torch.zeros_like(x)
