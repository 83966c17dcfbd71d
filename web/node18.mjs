// Debian 12 has Node 18, which lacks the one function that Vite needs of a newer one.
import crypto from 'node:crypto';

crypto.hash ??= (algorithm, data, encoding = 'hex') => crypto.createHash(algorithm).update(data).digest(encoding);
