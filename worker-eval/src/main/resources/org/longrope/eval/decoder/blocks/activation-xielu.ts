# Activation of a feed-forward: A x^2 + beta x above 0, else B (exp(min(x, eps)) - 1 - x) + beta x,
# with A = softplus(alpha_p) and B = beta + softplus(alpha_n).
def activate(self: __torch__.Decoder, x: Tensor, w: List[Tensor]) -> Tensor:
  beta = self.xielu_beta(w)
  above = torch.softplus(self.xielu_alpha_p(w), 1, 20)
  below = beta + torch.softplus(self.xielu_alpha_n(w), 1, 20)
  low = (torch.expm1(torch.minimum(x, self.xielu_epsilon(w))) - x) * below
  return torch.where(torch.gt(x, 0), torch.square(x) * above, low) + x * beta
