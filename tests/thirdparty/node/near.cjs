// Stands in for a resolver and a router, as `/etc/hosts` and port 443 would: whoever calls a vendor's host is connected
// to the server in NEAR, and nobody to anything else. What goes over the connection, TLS included, is the client's own.
"use strict";

const net = require("node:net");

const { host, port } = JSON.parse(process.env.NEAR);
const vendors = new Set(JSON.parse(process.env.VENDORS));
const connect = net.Socket.prototype.connect;

net.Socket.prototype.connect = function (first, ...rest) {
  const options = Array.isArray(first) ? first[0] : first; // net.connect() hands over a list, tls.connect() does not
  if (!vendors.has(options.host) || Number(options.port) !== 443) {
    throw new Error(`nobody is at ${options.host}:${options.port}`);
  }
  const near = { ...options, host, port };
  if (!Array.isArray(first)) return connect.call(this, near, ...rest);
  first[0] = near;
  return connect.call(this, first, ...rest);
};
