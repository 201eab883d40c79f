#!/bin/bash
# The first process of a machine: arranges its view of the file system and keeps containerd and kubelet running.
set -eu
cd '${FOLDER}'
hostname '${HOSTNAME}'
mount --make-rslave /
for dir in etc var; do
  mount -t overlay overlay -o "lowerdir=/$dir,upperdir=$PWD/overlay/$dir,workdir=$PWD/work/$dir" "/$dir"
done
mount -t tmpfs -o mode=0755 tmpfs /run
# What programs in the kernel are pinned to goes with the machine.
mount -t bpf bpf /sys/fs/bpf
bind() {
  mkdir -p "$2"
  mount --bind "$1" "$2"
}
# Not on the overlay: containerd stacks overlays of its own, and etcd and volumes want a plain file system.
for dir in containerd etcd kubelet cni; do
  bind "data/$dir" "/var/lib/$dir"
done
bind data/volumes /var/lib/volumes
bind log /var/log
mount --make-rshared /

while true; do
  containerd --config /etc/containerd/config.toml || true
  sleep 1
done >> /var/log/containerd.log 2>&1 &

# kubeadm writes the configuration and then expects a service manager to start the kubelet.
set +e
while true; do
  if [ -f /var/lib/kubelet/config.yaml ] && [ -f /var/lib/kubelet/kubeadm-flags.env ]; then
    . /var/lib/kubelet/kubeadm-flags.env
    '${KUBELET}' --config=/var/lib/kubelet/config.yaml --kubeconfig=/etc/kubernetes/kubelet.conf \
      --bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf $KUBELET_KUBEADM_ARGS
  fi
  sleep 0.2
done >> /var/log/kubelet.log 2>&1
