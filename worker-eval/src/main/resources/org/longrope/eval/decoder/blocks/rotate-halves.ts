# Rotates halves (i with i + R/2) of the first R of x [B, heads, T, h]; the rest passes through.
def rotate(self: __torch__.Decoder, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
  half = torch.size(cos, -1)
  a = torch.slice(x, -1, 0, half, 1)
  b = torch.slice(x, -1, half, 2 * half, 1)
  ra = torch.to(a * cos - b * sin, x.dtype)
  rb = torch.to(b * cos + a * sin, x.dtype)
  if torch.eq(torch.size(x, -1), 2 * half):
    y = torch.cat([ra, rb], -1)
  else:
    y = torch.cat([ra, rb, torch.slice(x, -1, 2 * half, torch.size(x, -1), 1)], -1)
  return y
