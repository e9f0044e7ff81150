#!/bin/sh
# The GPUs of this host as Spark asks for them (spark.worker.resource.gpu.discoveryScript, or
# spark.executor.resource.gpu.discoveryScript): {"name":"gpu","addresses":["0","1"]}.
# CUDA_VISIBLE_DEVICES, where set, says which. LONGROPE_GPU_FIRST and LONGROPE_GPU_COUNT cut a part
# out, for several workers on one host.
set -eu

if [ -n "${CUDA_VISIBLE_DEVICES+set}" ]; then
  # As CUDA reads it: what follows a negative number is not seen.
  gpus=$(printf '%s\n' "$CUDA_VISIBLE_DEVICES" | tr ',' '\n' | sed -e 's/[[:space:]]//g' -e '/^-/,$d')
else
  gpus=$(nvidia-smi --query-gpu=index --format=csv,noheader)
fi

printf '%s\n' "$gpus" | awk -v first="${LONGROPE_GPU_FIRST:-0}" -v count="${LONGROPE_GPU_COUNT:--1}" '
  NF { if (n >= first && (count < 0 || n < first + count)) { list = list comma "\"" $1 "\""; comma = "," }; n++ }
  END { print "{\"name\":\"gpu\",\"addresses\":[" list "]}" }'
