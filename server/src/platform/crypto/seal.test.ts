import { execFileSync, spawnSync } from "node:child_process"
import { createHash, generateKeyPairSync } from "node:crypto"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { inflateSync } from "node:zlib"
import { Decrypter, generateHybridIdentity, generateX25519Identity, identityToRecipient } from "age-encryption"
import { bech32 } from "@scure/base"
import * as testkit from "cctv-age"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { sshIdentity } from "@tocsin/client/ssh-ed25519"
import { normalRecipient, sshRecipient } from "@tocsin/client/ssh-recipient"
import { withoutPadding } from "@tocsin/base/padding"
import { padmeLength } from "@tocsin/base/padding"
import { assertRecipient, headerMac, padToBucket, parseRecipient, sealFor, sealPayload } from "./seal.ts"

async function pair(): Promise<{ identity: string; recipient: string }> {
    const identity = await generateX25519Identity()
    return { identity, recipient: await identityToRecipient(identity) }
}

function open(file: Uint8Array, identity: string): Promise<Uint8Array> {
    const reader = new Decrypter()
    reader.addIdentity(identity)
    return reader.decrypt(file)
}

describe("a sealed file", () => {
    test.each([0, 1, 16, 65_535, 65_536, 65_537, 131_072, 200_000])(
        "of %i bytes opens with the age library",
        async (size) => {
            const { identity, recipient } = await pair()
            const plain = Buffer.alloc(size, "0123456789abcdef!")
            expect(Buffer.from(await open(await sealFor([recipient], plain), identity)).equals(plain)).toBe(true)
        },
    )

    test("opens for each of its recipients, and for no other", async () => {
        const [item, two, other] = [await pair(), await pair(), await pair()]
        const file = await sealFor([item.recipient, two.recipient], Buffer.from("for two"))
        expect(Buffer.from(await open(file, item.identity)).toString()).toBe("for two")
        expect(Buffer.from(await open(file, two.identity)).toString()).toBe("for two")
        await expect(open(file, other.identity)).rejects.toThrow()
    })

    test("opens to the bytes that were sealed", async () => {
        const { identity, recipient } = await pair()
        await fc.assert(
            fc.asyncProperty(
                fc.uint8Array({ maxLength: 300 }),
                fc.integer({ min: 1, max: 6 }),
                async (plain, stanzas) => {
                    expect(await open(await sealFor([recipient], plain, stanzas), identity)).toEqual(plain)
                },
            ),
            { numRuns: 30 },
        )
    })

    test("has the same size for the same length, however many recipients it has", async () => {
        const keys = await Promise.all(Array.from({ length: 4 }, async () => (await pair()).recipient))
        const files = await Promise.all(keys.map((_, n) => sealFor(keys.slice(0, n + 1), Buffer.alloc(1000))))
        expect(new Set(files.map(({ length }) => length)).size).toBe(1)
    })

    test("differs each time", async () => {
        const { recipient } = await pair()
        const [one, two] = [
            await sealFor([recipient], Buffer.from("same")),
            await sealFor([recipient], Buffer.from("same")),
        ]
        expect(one.equals(two)).toBe(false)
    })

    test("does not open when any byte is changed, in the grease too", async () => {
        const { identity, recipient } = await pair()
        const file = await sealFor([recipient], Buffer.from("whole or not at all"), 2)
        for (let at = 0; at < file.length; at += 7) {
            const hurt = Buffer.from(file)
            hurt[at] = (hurt[at] ?? 0) ^ 1
            await expect(open(hurt, identity)).rejects.toThrow()
        }
    })
})

describe("a file for hybrid recipients", () => {
    async function hybrid(): Promise<{ identity: string; recipient: string }> {
        const identity = await generateHybridIdentity()
        return { identity, recipient: await identityToRecipient(identity) }
    }

    test("opens for each of them, and for no other", async () => {
        const [one, two, other] = [await hybrid(), await hybrid(), await hybrid()]
        const plain = Buffer.alloc(70_000, "for two")
        const file = await sealFor([one.recipient, two.recipient], plain)
        for (const { identity } of [one, two]) expect(plain.equals(await open(file, identity))).toBe(true)
        await expect(open(file, other.identity)).rejects.toThrow()
        expect(file.toString("latin1")).not.toContain("-> X25519")
    })

    test("opens with a key of each type where a partner has both", async () => {
        const [old, next] = [await pair(), await hybrid()]
        const file = await sealFor([old.recipient, next.recipient], Buffer.from("for both"))
        for (const { identity } of [old, next])
            expect(Buffer.from(await open(file, identity)).toString()).toBe("for both")
    })

    test("has the same size, however many of a type there are", async () => {
        const [hybrids, others] = [
            await Promise.all(Array.from({ length: 4 }, async () => (await hybrid()).recipient)),
            await Promise.all(Array.from({ length: 3 }, async () => (await pair()).recipient)),
        ]
        const sizeFor = async (...recipients: string[]) => (await sealFor(recipients, Buffer.alloc(1000))).length
        const sizes = await Promise.all(hybrids.map((_, n) => sizeFor(...hybrids.slice(0, n + 1))))
        expect(new Set(sizes).size).toBe(1)
        const mixed = others.map((_, n) => sizeFor(hybrids[0] ?? "", ...others.slice(0, n + 1)))
        expect(new Set(await Promise.all(mixed)).size).toBe(1)
    })

    test("is refused for a key that is none", async () => {
        const { identity, recipient } = await hybrid()
        const zero = bech32.encode("age1pq", bech32.toWords(new Uint8Array(1216)), false)
        for (const bad of [
            identity,
            recipient.toUpperCase(),
            recipient.slice(0, -1),
            `${recipient}\n`,
            "age1pq1",
            zero,
        ]) {
            await expect(assertRecipient(bad), bad.slice(0, 20)).rejects.toMatchObject({ code: "seal.bad_recipient" })
        }
        await assertRecipient(recipient)
    })
})

describe("a file for SSH keys", () => {
    const sshPair = () => {
        const { privateKey, publicKey } = generateKeyPairSync("ed25519")
        const jwk = privateKey.export({ format: "jwk" })
        const bytes = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url")
        return sshIdentity(Buffer.from(jwk.d ?? "", "base64url"), bytes)
    }
    const openWith = (file: Uint8Array, identity: ReturnType<typeof sshPair>) => {
        const reader = new Decrypter()
        reader.addIdentity(identity)
        return reader.decrypt(file, "text")
    }

    test("opens for each of them, next to keys of other types, and for no other", async () => {
        const [item, two, other] = [sshPair(), sshPair(), sshPair()]
        const [native, hybrid] = [await pair(), await generateHybridIdentity()]
        const recipients = [item.recipient, two.recipient, native.recipient, await identityToRecipient(hybrid)]
        const file = await sealFor(recipients, Buffer.from("for four"))
        for (const identity of [item, two]) expect(await openWith(file, identity)).toBe("for four")
        for (const identity of [native.identity, hybrid])
            expect(Buffer.from(await open(file, identity)).toString()).toBe("for four")
        await expect(openWith(file, other)).rejects.toThrow(/no identity matched/)
    })

    test("has the same size, however many there are", async () => {
        const keys = Array.from({ length: 4 }, () => sshPair().recipient)
        const files = await Promise.all(keys.map((_, n) => sealFor(keys.slice(0, n + 1), Buffer.alloc(1000))))
        expect(new Set(files.map(({ length }) => length)).size).toBe(1)
    })

    test("is refused for a key that is none, and one key has one spelling", async () => {
        const { recipient } = sshPair()
        expect(normalRecipient(`  ${recipient.replace(" ", "   ")} some comment\n`)).toBe(recipient)
        const low = [...Buffer.alloc(32)]
        const points = [low, [1, ...low.slice(1)], Array<number>(32).fill(255), [2, ...low.slice(1)]]
        const bad = points.map((bytes) => sshRecipient(Uint8Array.from(bytes)))
        for (const text of ["ssh-ed25519 AAAA", "ssh-rsa AAAAB3NzaC1yc2E", `${recipient.slice(0, -2)}==`, ...bad])
            await expect(assertRecipient(text)).rejects.toThrow(/is no recipient/)
    })
})

const isAgeThere = ["age", "ssh-keygen"].every((program) => spawnSync(program, ["--help"]).error === undefined)

describe.skipIf(!isAgeThere)("the age program (on machines that have it)", () => {
    test("opens a copy for an SSH key", async () => {
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-ssh-"))
        const key = path.join(folder, "id")
        execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "a comment", "-f", key])
        const recipient = normalRecipient(fs.readFileSync(`${key}.pub`, "utf8"))
        const input = await sealFor([recipient], Buffer.from("for age"))
        expect(execFileSync("age", ["-d", "-i", key], { input }).toString()).toBe("for age")
        fs.rmSync(folder, { recursive: true })
    })
})

describe("refusals", () => {
    test("no recipients", async () => {
        await expect(sealFor([], Buffer.from("x"))).rejects.toMatchObject({ code: "seal.no_recipient" })
    })

    test("more recipients than the header has room for", async () => {
        const { recipient } = await pair()
        const many = Array.from({ length: 5 }, () => recipient)
        await expect(sealFor(many, Buffer.from("x"))).rejects.toMatchObject({ code: "seal.too_many_recipients" })
    })

    test("an invalid X25519 recipient", async () => {
        const { identity, recipient } = await pair()
        const last = recipient.at(-1) === "q" ? "p" : "q"
        const bad = [
            "",
            "age1",
            identity,
            recipient.toUpperCase(),
            ` ${recipient}`,
            `${recipient}\n`,
            recipient.slice(0, -1) + last,
            recipient.slice(0, -1),
            await identityToRecipient(await generateHybridIdentity()),
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW+uObz5dvMgjz1OxfM/XXUB+VHtZ6isGN",
            // The points 0 and 1: every secret shared with them is zero.
            "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqpvq9ge",
            "age1qyqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqv9d2j0",
        ]
        for (const text of bad) {
            expect(() => parseRecipient(text), text).toThrow(expect.objectContaining({ code: "seal.bad_recipient" }))
        }
        await expect(assertRecipient(`age1pq1${recipient}`)).rejects.toMatchObject({ code: "seal.bad_recipient" })
        expect(parseRecipient(recipient).bytes).toHaveLength(32)
    })
})

interface Vector {
    readonly name: string
    readonly fields: Map<string, string>
    readonly file: Buffer
}

/** The age test kit: lines `name: value`, an empty line, and the file. */
const vectors: Vector[] = Object.entries(testkit)
    .filter(([name, bytes]) => name !== "default" && bytes instanceof Uint8Array)
    .map(([name, bytes]) => {
        const whole = Buffer.from(bytes)
        const end = whole.indexOf("\n\n")
        const lines = whole.subarray(0, end).toString().split("\n")
        const fields = new Map(lines.map((line) => line.split(/: (.*)/, 2) as [string, string]))
        const body = whole.subarray(end + 2)
        return { name, fields, file: fields.get("compressed") === "zlib" ? inflateSync(body) : body }
    })
    .filter(({ fields }) => !fields.has("armored") && !fields.has("passphrase"))

/**
 * The kit is made of files to be read. A writer is held to it by writing the same file again from the kit's file key.
 */
describe("the age test kit", () => {
    const written = vectors.filter(({ fields }) => fields.get("expect") === "success" && fields.has("file key"))

    test.each(written.map((vector) => [vector.name, vector] as const))(
        "%s is written identically",
        async (_, vector) => {
            const fileKey = Buffer.from(vector.fields.get("file key") ?? "", "hex")
            const mark = vector.file.indexOf("\n---") + 4
            const end = vector.file.indexOf("\n", mark)
            const header = vector.file.subarray(0, mark).toString("latin1")
            const mac = headerMac(fileKey, header).toString("base64").replace("=", "")
            expect(vector.file.subarray(mark + 1, end).toString()).toBe(mac)

            const plain = await open(vector.file, vector.fields.get("identity") ?? "")
            expect(createHash("sha256").update(plain).digest("hex")).toBe(vector.fields.get("payload"))
            const payload = vector.file.subarray(end + 1)
            expect(Buffer.concat(sealPayload(fileKey, payload.subarray(0, 16), plain)).equals(payload)).toBe(true)
        },
    )

    const refused = vectors.filter(({ fields }) => fields.get("expect") !== "success" && fields.has("identity"))
    test.each(refused.map((vector) => [vector.name, vector] as const))(
        "%s is refused by the reader",
        async (_, vector) => {
            await expect(open(vector.file, vector.fields.get("identity") ?? "")).rejects.toThrow()
        },
    )

    test("is present and large", () => {
        expect(written.length).toBeGreaterThanOrEqual(15)
        expect(refused.length).toBeGreaterThanOrEqual(50)
    })
})

describe("buckets", () => {
    test.each([
        [0, 0],
        [1, 1],
        [2, 2],
        [9, 10],
        [100, 104],
        [1000, 1024],
        [1025, 1088],
        [20_000, 20_480],
        [2 ** 40 + 1, 2 ** 40 + 2 ** 34],
    ])("%i bytes are padded to %i", (bytes, bucket) => {
        expect(padmeLength(bytes)).toBe(bucket)
    })

    test("cost 12 % at most, and padding twice changes nothing", () => {
        fc.assert(
            fc.property(fc.integer({ min: 0, max: 2 ** 45 }), (bytes) => {
                const bucket = padmeLength(bytes)
                expect(bucket).toBeGreaterThanOrEqual(bytes)
                expect(bucket).toBeLessThanOrEqual(bytes * 1.12)
                expect(padmeLength(bucket)).toBe(bucket)
            }),
        )
    })

    test("count bytes, end in newlines, and take the longest of several", () => {
        fc.assert(
            fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), fc.nat(500), (text, longest) => {
                const padded = padToBucket(text, longest)
                expect(padded.startsWith(text)).toBe(true)
                expect(padded.slice(text.length)).toMatch(/^\n*$/)
                expect(withoutPadding(padded)).toBe(withoutPadding(text))
                expect(withoutPadding(`${padded}x`)).toBe(`${padded}x`)
                expect(Buffer.byteLength(padded)).toBe(padmeLength(Math.max(longest, Buffer.byteLength(text))))
            }),
        )
    })
})
