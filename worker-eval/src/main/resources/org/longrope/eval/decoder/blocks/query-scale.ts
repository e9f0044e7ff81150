# Multiplies the query of each position m = s, s + 1, ... of q [B, H, n, h] by 1 + beta * ln(1 + floor(m / original)).
def scale_query(self: __torch__.Decoder, q: Tensor, s: int) -> Tensor:
  m = torch.arange(s, s + torch.size(q, 2), dtype=6, layout=None, device=q.device, pin_memory=None)
  growth = torch.log1p(torch.floor(m / self.scale_original())) * self.scale_beta() + 1.
  return q * torch.to(torch.unsqueeze(growth, -1), q.dtype)
