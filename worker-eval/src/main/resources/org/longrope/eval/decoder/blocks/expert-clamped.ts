# Expert e: gate and up are columns in turn of one product, clamped; matrices are [in, out].
def expert(self: __torch__.Decoder, x: Tensor, w: List[Tensor], e: int) -> Tensor:
  both = self.product(x, torch.t(self.expert_gate_up(w, e)), self.expert_gate_up_bias(w, e))
  gate = torch.clamp(torch.slice(both, -1, 0, torch.size(both, -1), 2), None, self.swiglu_limit())
  up = torch.clamp(torch.slice(both, -1, 1, torch.size(both, -1), 2), -self.swiglu_limit(), self.swiglu_limit())
  inner = (up + 1.) * (gate * torch.sigmoid(gate * self.swiglu_alpha()))
  return self.product(inner, torch.t(self.expert_down_in_out(w, e)), self.expert_down_bias(w, e))
