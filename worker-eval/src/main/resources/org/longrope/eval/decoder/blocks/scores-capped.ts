# Scores of attention-online.ts for a model that caps them: c tanh(x / c), where c is score_cap().

# Caps scores x in natural units, in place.
def cap_scores(self: __torch__.Decoder, x: Tensor) -> Tensor:
  c = self.score_cap()
  return torch.mul_(torch.tanh_(torch.div_(x, c)), c)

# Keys k [u, h] and queries q [t, h] -> 2 ** (capped k q^T + shift [t]), as [u, t]. q holds the factor
# log2(e). It uses c tanh(x / c) = 2 c sigmoid(2 x / c) - c: sigmoid takes a sixth of the time of tanh on a
# CPU (libtorch 2.7). A score's error is then c / 2^24, that of a float32 score near c.
def powers(self: __torch__.Decoder, k: Tensor, q: Tensor, shift: Tensor) -> Tensor:
  c = self.score_cap() * 1.4426950408889634
  x = torch.sigmoid_(torch.mul_(self.product(k, q, None), 2. / c))
  return torch.exp2_(torch.add(shift - c, x, alpha=2. * c, out=x))
