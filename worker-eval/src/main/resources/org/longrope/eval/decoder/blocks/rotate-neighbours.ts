# Rotates neighbours (2i with 2i + 1) of the first R of x [B, heads, T, h]; the rest passes through.
def rotate(self: __torch__.Decoder, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
  R = 2 * torch.size(cos, -1)
  a = torch.slice(x, -1, 0, R, 2)
  b = torch.slice(x, -1, 1, R, 2)
  ra = torch.to(a * cos - b * sin, x.dtype)
  rb = torch.to(b * cos + a * sin, x.dtype)
  y = torch.flatten(torch.stack([ra, rb], -1), -2, -1)
  if torch.ne(torch.size(x, -1), R):
    y = torch.cat([y, torch.slice(x, -1, R, torch.size(x, -1), 1)], -1)
  return y
