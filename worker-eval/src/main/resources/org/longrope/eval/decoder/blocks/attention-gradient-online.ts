# Backward pass of attention-online.ts by matrix products over blocks of queries and keys.

# Backward pass of attend_heads_lse for all queries of one group or of some heads. Adds to dq, dk and dv.
def attend_heads_back(self: __torch__.Decoder, q: Tensor, k: Tensor, v: Tensor, o: Tensor, lse: Tensor, d_o: Tensor, dq: Tensor, dk: Tensor, dv: Tensor, window: int) -> NoneType:
  T = torch.size(q, 2)
  reach = window
  if torch.le(window, 0):
    reach = T
  rows = ops.prim.min(T, 512)
  keys = 512
  if ops.prim.is_cuda(q):
    rows = ops.prim.min(T, 1024)
    keys = 2048
  c = 0
  while torch.lt(c, T):
    d = ops.prim.min(c + rows, T)
    part = torch.slice(q, 2, c, d, 1)
    scaled = torch.mul(part, self.attention_scale())
    slope = torch.slice(d_o, 2, c, d, 1)
    level = torch.unsqueeze(torch.slice(lse, 2, c, d, 1), -1)
    mean = torch.sum(slope.float() * torch.slice(o, 2, c, d, 1).float(), [-1], True)
    b = d
    lo = ops.prim.max(0, c - reach + 1)
    while torch.gt(b, lo):
      a = ops.prim.max(lo, b - keys)
      if torch.gt(b, c):
        a = ops.prim.max(lo, c)
      kb = torch.slice(k, 2, a, b, 1)
      vb = torch.slice(v, 2, a, b, 1)
      z = self.cap_scores(torch.matmul(scaled, torch.transpose(kb, -2, -1)).float())
      p = torch.exp_(torch.sub(z, level))
      if torch.__or__(torch.gt(b, c + 1), torch.lt(a, d - reach)):
        i = torch.unsqueeze(torch.arange(c, d, dtype=None, layout=None, device=q.device, pin_memory=None), 1)
        back = i - torch.unsqueeze(torch.arange(a, b, dtype=None, layout=None, device=q.device, pin_memory=None), 0)
        hidden = torch.logical_or(torch.lt(back, 0), torch.ge(back, reach))
        p = torch.masked_fill_(p, hidden, 0.)
      _0 = self.add_heads(dv, torch.matmul(torch.transpose(torch.to(p, v.dtype), -2, -1), slope), a, b)
      x = torch.sub_(torch.matmul(slope, torch.transpose(vb, -2, -1)).float(), mean)
      ds = torch.to(self.scores_back(torch.mul_(x, p), z), q.dtype)
      _1 = self.add_heads(dk, torch.matmul(torch.transpose(ds, -2, -1), scaled), a, b)
      _2 = torch.add_(torch.slice(dq, 2, c, d, 1), torch.matmul(ds, kb), alpha=self.attention_scale())
      b = a
    c = d
  return None
