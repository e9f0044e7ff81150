# The matrix product of product.ts by oneDNN, as product-onednn.ts. Where autograd goes through it, it is a convolution
# of width 1 over positions, whose channels come last, so that nothing is copied: oneDNN's products have no backward
# pass.
def product(self: __torch__.Decoder, x: Tensor, w: Tensor, b: Optional[Tensor]) -> Tensor:
  if x.requires_grad:
    positions = torch.unsqueeze(torch.transpose(torch.reshape(x, [1, -1, torch.size(x, -1)]), 1, 2), 2)
    y = torch.convolution(positions, torch.unsqueeze(torch.unsqueeze(w, -1), -1), b, [1, 1], [0, 0], [1, 1], False, [0, 0], 1)
    shape = torch.slice(torch.size(x), 0, torch.dim(x) - 1)
    _0 = torch.append(shape, torch.size(w, 0))
    z = torch.reshape(torch.transpose(torch.squeeze(y, 2), 1, 2), shape)
  else:
    z = ops.mkldnn._linear_pointwise(x, w, b, "none", annotate(List[Optional[number]], []), "")
  return z
