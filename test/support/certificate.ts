/** Temporary self-signed certificates for given names. */
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto"

export interface Certificate {
    readonly key: string
    readonly cert: string
}

const dayMs = 86_400_000

/** Creates a self-signed certificate, which is its own authority; valid from yesterday for `days`. */
export function certificateFor(names: readonly string[], days = 2): Certificate {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
    const spki = publicKey.export({ type: "spki", format: "der" })
    const algorithm = der(0x30, oid("1.2.840.10045.4.3.2"))
    const name = der(0x30, der(0x31, der(0x30, oid("2.5.4.3"), der(0x0c, Buffer.from(names[0] ?? "none")))))
    const from = Date.now() - dayMs
    const body = der(
        0x30,
        der(0xa0, der(0x02, Buffer.of(2))),
        der(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])),
        algorithm,
        name,
        der(0x30, time(from), time(from + days * dayMs)),
        name,
        spki,
        der(0xa3, der(0x30, authority(), alternatives(names), identifier(spki))),
    )
    const signature = sign("sha256", body, privateKey)
    const whole = der(0x30, body, algorithm, der(0x03, Buffer.of(0), signature))
    return { key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(), cert: pem(whole) }
}

const authority = () =>
    der(0x30, oid("2.5.29.19"), der(0x01, Buffer.of(0xff)), octets(der(0x30, der(0x01, Buffer.of(0xff)))))
const identifier = (spki: Buffer) =>
    der(0x30, oid("2.5.29.14"), octets(der(0x04, createHash("sha1").update(spki).digest())))
const alternatives = (names: readonly string[]) =>
    der(0x30, oid("2.5.29.17"), octets(der(0x30, ...names.map((name) => der(0x82, Buffer.from(name))))))
const octets = (bytes: Buffer) => der(0x04, bytes)

function time(at: number): Buffer {
    const digits = new Date(at).toISOString().replaceAll(/[-:T]|\.\d+/g, "")
    return der(0x18, Buffer.from(digits))
}

function oid(text: string): Buffer {
    const [first = 0, second = 0, ...rest] = text.split(".").map(Number)
    const bytes = [first * 40 + second]
    for (const part of rest) {
        const groups = [part & 127]
        for (let more = part >> 7; more > 0; more >>= 7) groups.unshift((more & 127) | 128)
        bytes.push(...groups)
    }
    return der(0x06, Buffer.from(bytes))
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
    const body = Buffer.concat(parts)
    const { length } = body
    const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
    return Buffer.concat([Buffer.of(tag, ...head), body])
}

function pem(bytes: Buffer): string {
    const lines = bytes.toString("base64").match(/.{1,64}/g) ?? []
    return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`
}
