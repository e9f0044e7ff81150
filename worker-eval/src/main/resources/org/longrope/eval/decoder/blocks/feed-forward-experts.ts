# Mixture of experts. E experts, k of them for a token, N tokens.

# Sum over a token's experts of share * expert(x). Only chosen experts are computed, each for all its tokens at
# once. Routing is in float32. The order of a token's sum is that of its experts' numbers.
def experts(self: __torch__.Decoder, x: Tensor, w: List[Tensor]) -> Tensor:
  flat = torch.flatten(x, 0, 1)
  scores = self.project(flat.float(), self.router(w).float(), self.router_bias(w).float())
  chosen, shares = self.route(scores, w)
  k = torch.size(chosen, 1)
  sorted, order = torch.sort(torch.flatten(chosen, 0, 1), stable=True, dim=0, descending=False)
  counts = torch.cpu(torch.bincount(sorted, None, torch.size(scores, 1)))
  tokens = torch.floor_divide(order, k)
  share = torch.unsqueeze(torch.index_select(torch.flatten(shares, 0, 1), 0, order), 1)
  y = self.shared(flat, w)
  a = 0
  for e in range(torch.size(scores, 1)):
    b = a + int(torch.item(torch.select(counts, 0, e)))
    if torch.gt(b, a):
      rows = torch.slice(tokens, 0, a, b, 1)
      z = self.expert(torch.index_select(flat, 0, rows), w, e)
      _0 = torch.index_add_(y, 0, rows, torch.to(z * torch.slice(share, 0, a, b, 1), x.dtype))
    a = b
  return torch.view_as(y, x)

# Feed-forward of a layer, which is dense or a mixture.
def feed_forward(self: __torch__.Decoder, x: Tensor, w: List[Tensor]) -> Tensor:
  if torch.eq(torch.numel(self.router(w)), 0):
    y = self.dense(x, w)
  else:
    y = self.experts(x, w)
  return y
