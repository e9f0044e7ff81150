# Output o [B, n, t, v] of attention, of which each head's sink [n] takes its share. lse [B, n, t] is the log-sum-exp of the
# scores without the sink.
def drop_sinks(self: __torch__.Decoder, o: Tensor, lse: Tensor, sinks: Tensor) -> Tensor:
  share = torch.sigmoid(lse - torch.unsqueeze(sinks.float(), 1))
  return torch.to(o * torch.unsqueeze(share, -1), o.dtype)
