"""What figures were taken on."""
import os
import platform


def machine():
    """Processor, kernel, congestion control and iperf3 of this machine."""
    with open("/proc/cpuinfo") as f:
        models = [line.partition(":")[2].strip() for line in f if line.startswith("model name")]
    with open("/proc/sys/net/ipv4/tcp_congestion_control") as f:
        congestion = f.read().strip()
    version = os.popen("iperf3 --version 2>/dev/null").readline().split(" (")[0].strip()
    return {"processor": models[0] if models else platform.machine(), "processors": os.cpu_count(),
            "kernel": platform.release(), "congestion": congestion, "iperf3": version}
