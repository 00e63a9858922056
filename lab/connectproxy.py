#!/usr/bin/env python3
"""connectproxy - a web proxy that knows one method: CONNECT (RFC 9110, 9.3.6).

  connectproxy.py PORT [USER:PASSWORD]

Prints "ready", then one line per request. For the lab: no limits, no time-outs.
"""
import base64
import socket
import sys
import threading

HEAD_BYTES_MAX = 8192


def serve(client, wanted):
    head = b""
    while b"\r\n\r\n" not in head and len(head) < HEAD_BYTES_MAX:
        block = client.recv(4096)
        if not block:
            return client.close()
        head += block
    lines = head.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    fields = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:])}
    print(lines[0], flush=True)
    method, target = lines[0].split(" ")[:2]
    if wanted and fields.get("proxy-authorization") != f"Basic {wanted}":
        return answer(client, "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=lab")
    if method != "CONNECT":
        return answer(client, "405 Method Not Allowed")
    host, _, port = target.rpartition(":")
    try:
        server = socket.create_connection((host.strip("[]"), int(port)), timeout=10)
    except OSError:
        return answer(client, "502 Bad Gateway")
    server.settimeout(None)
    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    threading.Thread(target=pipe, args=(server, client), daemon=True).start()
    return pipe(client, server)


def answer(client, text):
    client.sendall(f"HTTP/1.1 {text}\r\nContent-Length: 0\r\n\r\n".encode())
    client.close()


def pipe(source, sink):
    try:
        while block := source.recv(65536):
            sink.sendall(block)
    except OSError:
        pass
    for each in (source, sink):
        try:
            each.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def main():
    wanted = base64.b64encode(sys.argv[2].encode()).decode() if len(sys.argv) > 2 else None
    with socket.create_server(("", int(sys.argv[1]))) as listener:
        print("ready", flush=True)
        while True:
            client, _ = listener.accept()
            threading.Thread(target=serve, args=(client, wanted), daemon=True).start()


if __name__ == "__main__":
    main()
