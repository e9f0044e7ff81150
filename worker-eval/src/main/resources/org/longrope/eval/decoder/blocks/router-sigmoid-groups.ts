# Experts [N, k] and their shares of logits [N, E]: the highest corrected sigmoids in the kept groups. A group's score is
# the sum of its two highest. Shares are without the correction.
def route(self: __torch__.Decoder, scores: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor]:
  s = torch.sigmoid(scores)
  corrected = s + self.router_correction(w).float()
  groups = torch.view(corrected, [torch.size(s, 0), self.expert_groups(), -1])
  two, _0 = torch.topk(groups, 2, -1, True, True)
  _1, kept = torch.topk(torch.sum(two, [-1], False), self.kept_groups(), -1, True, True)
  mask = torch.scatter(torch.zeros_like(torch.sum(two, [-1], False)), 1, kept, 1.)
  allowed = torch.masked_fill(groups, torch.eq(torch.unsqueeze(mask, -1), 0), -inf)
  _2, chosen = torch.topk(torch.flatten(allowed, 1, 2), self.experts_chosen(), -1, True, True)
  shares = torch.gather(s, 1, chosen)
  if self.shares_normalised():
    shares = shares / (torch.sum(shares, [-1], True) + 9.9999999999999995e-21)
  return (chosen, shares * self.share_scale())
