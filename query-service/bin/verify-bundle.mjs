#!/usr/bin/env node
/**
 * Checks a bundle, a part of a log that `npx --no audit export` wrote, without the system that wrote it. This file works alone, also as a
 * copy: it takes Node 20.19 or newer and nothing else.
 *
 *     node verify-bundle.mjs bundle.ndjson --key keys.txt
 *
 * keys.txt: what `npx --no audit keys` printed, or any text with the public keys, 64 hex digits each. It must come another way than the
 * bundle: whoever forges a bundle can sign it with a key of his own.
 *
 * Exit code 0: each event stands unchanged at its place in the log that was signed, and none is left out between the first and the
 * last. 1: something is not as it was signed; each such line is named. 2: misuse, or a file that cannot be read.
 *
 * The format: docs/domain.md, "A bundle". The proofs: RFC 9162, sections 2.1.3 and 2.1.4.
 */
import { Buffer } from 'node:buffer';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { parseArgs, TextDecoder } from 'node:util';

const FORMAT = 'creator-dashboards part of the log';
const VERSION = 1;
const LINE_MAX = 16 * 1024 * 1024;
const TOLD_MAX = 20;

function asked() {
  try {
    const { positionals, values } = parseArgs({ options: { key: { type: 'string' } }, allowPositionals: true });
    if (positionals.length !== 1 || !values.key) throw new Error('one bundle, and one file with public keys');
    const found = readFileSync(values.key, 'utf8').match(/\b[0-9a-f]{64}\b/g);
    if (!found) throw new Error(`${values.key} has no public key: 64 hex digits, as "npx --no audit keys" prints them`);
    return [positionals[0], new Map(found.map(publicKey))];
  } catch (error) {
    console.error(`${error.message}\nusage: node verify-bundle.mjs <bundle> --key <file>`);
    return [];
  }
}

/** The id of a key, which is a digest of its 32 bytes, and the key: in its DER form (RFC 8410) a few bytes precede these. */
function publicKey(hex) {
  const id = createHash('sha256').update(hex, 'hex').digest('hex').slice(0, 16);
  const der = Buffer.from(`302a300506032b6570032100${hex}`, 'hex');
  return [id, createPublicKey({ key: der, format: 'der', type: 'spki' })];
}

/** Prints what is wrong, or what is proved; returns the exit code. */
async function check(file, keys) {
  const bundle = createBundle(keys);
  let [line, faults] = [0, 0];
  const tell = (fault) => {
    faults += 1;
    if (faults <= TOLD_MAX) print(fault);
  };
  try {
    for await (const bytes of linesOf(file)) {
      line += 1;
      try {
        bundle.take(bytes);
      } catch (error) {
        tell(`line ${line}: ${error.message}`);
        if (!bundle.hasBegun()) break;
      }
    }
    if (bundle.hasBegun() || line === 0) bundle.end();
  } catch (error) {
    if (error.syscall) {
      console.error(error.message);
      return 2;
    }
    tell(`the end: ${error.message}`);
  }
  if (faults > TOLD_MAX) print(`and ${faults - TOLD_MAX} more`);
  print(faults === 0 ? bundle.proved() : 'This bundle is not what was signed.');
  return faults === 0 ? 0 : 1;
}

/** What a forged file says must not reach a terminal as more than text. */
function print(text) {
  console.log(text.replace(/[^\x20-\x7e\n]/g, '?'));
}

/** In flat memory. Throws for what stands behind the last line feed, and for a line that is longer than any event. */
async function* linesOf(file) {
  let begun = [];
  let length = 0;
  for await (const chunk of createReadStream(file)) {
    let start = 0;
    for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', start)) {
      yield Buffer.concat([...begun, chunk.subarray(start, end)]);
      [begun, length, start] = [[], 0, end + 1];
    }
    begun.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > LINE_MAX) throw new Error('what follows is longer than any line');
  }
  if (length > 0) throw new Error('the last line is cut off');
}

/** `take` and `end` throw what is wrong with a line, or with the end; the lines after it can be taken all the same. */
function createBundle(keys) {
  /** The first line, once it is known to be signed. */
  let begin = null;
  let hasEnded = false;
  /** The event that should come. */
  let next = 0;
  /** Behind a line that nobody can read it is not known what should come. */
  let isLost = false;
  let heads = 0;
  let headBefore = 0;
  let [firstTime, lastTime] = [null, null];

  function take(bytes) {
    if (hasEnded) throw new Error('stands behind the end');
    const [text, value] = read(bytes);
    if (begin === null) takeBegin(text, value);
    else if (value === null) {
      isLost = true;
      throw new Error(`cannot be read, where event ${next} should be`);
    } else if ('event' in value) takeEvent(text, value);
    else if ('head' in value) takeHead(text, value);
    else takeEnd(text);
  }

  function takeBegin(text, value) {
    const { from, to, head } = value ?? {};
    if (text !== JSON.stringify({ bundle: FORMAT, version: VERSION, from, to, head: headOf(head) }))
      throw new Error('is not the first line of a bundle');
    checkSignature(head);
    if (!isCount(from) || !isCount(to) || from >= to || to > head.size) throw new Error('names no part of the log');
    begin = { from, to, head };
    next = from;
  }

  function takeEvent(text, { proof, event }) {
    const [ordinal, stream, , id, type, , metadata] = Array.isArray(event) ? event : [];
    const name = `event ${ordinal} (${id}, ${type} in ${stream})`;
    const expected = isLost ? ordinal : next;
    next = isCount(ordinal) ? ordinal + 1 : next + 1;
    isLost = false;

    const { from, to, head } = begin;
    const entry = JSON.stringify(event);
    if (text !== `{"proof":${JSON.stringify(proof)},"event":${entry}}`)
      throw new Error(`${name} is not as it was written`);
    if (!isProof(proof) || !isCount(ordinal) || !isIn(head, entry, ordinal, proof))
      throw new Error(`${name} is not what was signed`);
    if (ordinal < from || ordinal >= to) throw new Error(`${name} is not of this part of the log`);
    if (ordinal !== expected) throw new Error(`${name} stands where event ${expected} should be`);
    lastTime = metadata?.occurredAt;
    firstTime ??= lastTime;
  }

  function takeHead(text, { proof, head }) {
    heads += 1;
    if (text !== JSON.stringify({ proof, head: headOf(head) })) throw new Error('is not as it was written');
    checkSignature(head);
    const { size } = head;
    if (!isProof(proof) || !isBeginning(head, begin.head, proof))
      throw new Error(`the head of ${size} events does not lead to that of ${begin.head.size}`);
    if ((size !== next && !isLost) || size <= headBefore)
      throw new Error(`the head of ${size} events does not stand behind event ${size - 1}`);
    headBefore = size;
  }

  function takeEnd(text) {
    hasEnded = true;
    const { from, to } = begin;
    if (next < to && !isLost) throw new Error(`events ${next} to ${to - 1} are missing before it`);
    const expected = JSON.stringify({ events: to - from, heads });
    if (text !== expected) throw new Error(`should be ${expected}`);
  }

  /** Throws unless one of the keys signed it. */
  function checkSignature({ size, root, signedAt, keyId, signature }) {
    const key = keys.get(keyId);
    if (!key) throw new Error(`the head of ${size} events was signed with key ${keyId}, which was not given`);
    const signed = Buffer.from(
      `creator-dashboards head of the log\nsize ${size}\nroot ${root}\nsigned at ${signedAt}\n`,
    );
    const bytes = Buffer.from(String(signature), 'base64');
    const isWritten =
      isCount(size) && isHash(root) && typeof signedAt === 'string' && bytes.toString('base64') === signature;
    if (!isWritten || !verify(null, signed, key, bytes))
      throw new Error(`the head of ${size} events is not as it was signed`);
  }

  return {
    take,
    hasBegun: () => begin !== null,
    end() {
      if (!hasEnded) throw new Error(begin ? `is cut off at event ${next}` : 'nothing is there');
    },
    /** To be asked where nothing was wrong. */
    proved() {
      const { from, to, head } = begin;
      return [
        `Events ${from} to ${to - 1} (${firstTime} to ${lastTime}) are what was signed, and none is left out between them.`,
        `Signed at ${head.signedAt}, of ${head.size} events, with key ${head.keyId}: root ${head.root}.`,
        `Earlier heads that lead there: ${heads}.`,
      ].join('\n');
    },
  };
}

/** The text of a line and the object that it is in JSON; null for what is no such thing. */
function read(bytes) {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const value = JSON.parse(text);
    return [text, typeof value === 'object' ? value : null];
  } catch {
    return [null, null];
  }
}

/** A head with its fields in order, and no others. */
function headOf(head) {
  const { size, root, signedAt, keyId, signature } = head ?? {};
  return { size, root, signedAt, keyId, signature };
}

const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
const isHash = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isProof = (value) => Array.isArray(value) && value.length <= 64 && value.every(isHash);

const hashOf = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();
const leafOf = (entry) => hashOf(Buffer.of(0), Buffer.from(entry));
const nodeOf = (left, right) => hashOf(Buffer.of(1), left, right);
const halfOf = (count) => Math.floor(count / 2);

/** Whether an event leads to the root of a head (RFC 9162, 2.1.3.2). */
function isIn(head, entry, ordinal, proof) {
  return ordinal < head.size && rootsOf(leafOf(entry), ordinal, head.size - 1, proof)[1] === head.root;
}

/** Whether the events of the earlier head are the first ones of the later head (RFC 9162, 2.1.4.2). */
function isBeginning(earlier, later, proof) {
  if (earlier.size === 0 || earlier.size >= later.size || proof.length === 0) return false;
  let [fn, sn] = [earlier.size - 1, later.size - 1];
  while (fn % 2 === 1) [fn, sn] = [halfOf(fn), halfOf(sn)];
  const isPerfect = fn === 0; // the root of a perfect tree begins the path, and is not sent again
  const [first, ...others] = isPerfect ? [earlier.root, ...proof] : proof;
  const [before, after] = rootsOf(Buffer.from(first, 'hex'), fn, sn, others);
  return before === earlier.root && after === later.root;
}

/** The roots of an earlier and a later tree to which a path leads from a hash that both have; none for a path of another length. */
function rootsOf(first, fn, sn, path) {
  let [before, after] = [first, first];
  for (const hash of path.map((hex) => Buffer.from(hex, 'hex'))) {
    if (sn === 0) return [];
    if (fn % 2 === 1 || fn === sn) {
      [before, after] = [nodeOf(hash, before), nodeOf(hash, after)];
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [halfOf(fn), halfOf(sn)];
    } else after = nodeOf(after, hash);
    [fn, sn] = [halfOf(fn), halfOf(sn)];
  }
  return sn === 0 ? [before.toString('hex'), after.toString('hex')] : [];
}

process.exitCode = 1; // unless it comes to its end
const [file, keys] = asked();
process.exitCode = file === undefined ? 2 : await check(file, keys);
