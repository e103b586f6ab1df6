/** Reads groups, rosters and keyrings as their programs write them, and recognises them. */
import { type PrivateKey, type PublicKey, generateKey } from "openpgp"
import { describe, expect, test } from "vitest"
import { dayMs } from "@tocsin/base/instant"
import { readKeyOwners } from "../../../platform/crypto/openpgp-keyring.ts"
import { readGroups } from "./groups-file.ts"
import { recogniseFormat } from "./import-format.ts"
import { importLimits } from "./import-plan.ts"
import { groupByDomain, readRoster } from "./roster-file.ts"

const groups = `# Lists of the distributors
groups:
  - email-id: security@distro-a.example
    name: Distro A
    description: |-
      Receives embargoed fixes
    settings:
      WhoCanPostMessage: "ANYONE_CAN_POST"
    owners:
      - ada@distro-a.example
    managers:
      - max@distro-a.example
    members:
      - ben@distro-a.example
      - Security@distro-b.example
      - 7
  - email-id: security@distro-b.example
    name: Distro B
    owners: []
  - just text
`

describe("groups.yaml", () => {
    test("gives partners with leads and analysts, each with its line", () => {
        const entries = readGroups(groups)
        expect(entries.map(({ line, partner, person, reason }) => [line, partner.name, person, reason?.code])).toEqual([
            [10, "Distro A", { name: "ada", mail: "ada@distro-a.example", role: "lead" }, undefined],
            [12, "Distro A", { name: "max", mail: "max@distro-a.example", role: "lead" }, undefined],
            [14, "Distro A", { name: "ben", mail: "ben@distro-a.example", role: "analyst" }, undefined],
            [
                15,
                "Distro A",
                { name: "Security", mail: "Security@distro-b.example", role: "analyst" },
                "partner_import.nested_group",
            ],
            [16, "Distro A", { name: "", mail: "", role: "analyst" }, undefined],
            [17, "Distro B", null, undefined],
            [20, "", null, "partner_import.bad_group"],
        ])
        expect(entries[0]?.partner).toMatchObject({ mail: "security@distro-a.example", tier: null })
    })

    test.each([
        ["groups: {}", "no_groups"],
        ["- a", "no_groups"],
        ["groups: [", "not_yaml"],
        ["groups:\n  - &a {}\n", "not_yaml"],
        [`groups:\n${"- ".repeat(40)}a\n`, "not_yaml"],
    ])("refuses %j", (text, code) => {
        expect(() => readGroups(text)).toThrow(expect.objectContaining({ code: `partner_import.${code}` }))
    })
})

describe("a roster", () => {
    const text = [
        "# exported",
        '"Anne Person" <anne@aster.example>',
        "Bart Person <Bart@Aster.example>",
        "",
        "cris@birch.example",
        "dora@birch.example (Dora Person)",
        "Elle <elle@gmail.com>",
        "Finn <finn@shared.example>",
        "Gwen gwen@aster.example>",
        "Hugo <hugo@BigCorp.example>",
    ].join("\r\n")
    const partners = [
        { id: "a", name: "Aster", mail: "cert@aster.example", status: "invited" },
        { id: "1", name: "One", mail: "one@shared.example", status: "invited" },
        { id: "2", name: "Two", mail: "two@shared.example", status: "invited" },
        { id: "x", name: "BigCorp", mail: "x@bigcorp.example", status: "applicant" },
    ] as const

    test("is grouped by mail domain, with the partners of the directory", () => {
        const entries = groupByDomain(readRoster(text), partners, "analyst")
        expect(
            entries.map(({ line, partner, person, reason }) => [
                line,
                partner.name,
                partner.mail,
                person?.name,
                reason?.code.replace("partner_import.", ""),
            ]),
        ).toEqual([
            [2, "Aster", "cert@aster.example", "Anne Person", undefined],
            [3, "Aster", "cert@aster.example", "Bart Person", undefined],
            [5, "birch.example", null, "cris", undefined],
            [6, "birch.example", null, "Dora Person", undefined],
            [7, "gmail.com", null, "Elle", "public_domain"],
            [8, "shared.example", null, "Finn", "shared_domain"],
            [9, "", null, "Gwen gwen@aster.example>", "not_a_member"],
            [10, "bigcorp.example", null, "Hugo", "applicant_domain"],
        ])
        expect(entries.at(-1)?.knownPartner).toEqual(partners[3])
    })

    test("is read up to one entry more than an import takes", () => {
        expect(readRoster("a@a.example\n".repeat(5000))).toHaveLength(importLimits.entriesMax + 1)
    })

    test("is read in linear time", () => {
        const started = performance.now()
        readRoster(`${"<".repeat(200_000)}\n${"(".repeat(200_000)}\n${"a ".repeat(200_000)}`)
        expect(performance.now() - started).toBeLessThan(1000)
    })
})

describe("a keyring", () => {
    const at = Date.parse("2026-01-01T00:00:00Z")
    const keyOf = async (name: string, options: Partial<Parameters<typeof generateKey>[0]> = {}) =>
        (await generateKey({
            type: "ecc",
            curve: "ed25519Legacy",
            userIDs: [{ name, email: `${name.toLowerCase()}@aster.example` }],
            date: new Date(at),
            ...options,
            format: "object",
        })) as { privateKey: PrivateKey; publicKey: PublicKey }

    test("gives the owner of each key, and why a key cannot be used", async () => {
        const [ada, ben, cleo] = [
            await keyOf("Ada"),
            await keyOf("Ben", { keyExpirationTime: dayMs / 1000 }),
            await keyOf("Cleo", { type: "ecc", curve: "nistP256" }),
        ]
        const ring = Buffer.concat([ada, ben, cleo].map(({ publicKey }) => publicKey.write()))
        const owners = await readKeyOwners(ring, at + 2 * dayMs)
        expect(owners.map(({ name, mail, refusal }) => [name, mail, refusal?.code])).toEqual([
            ["Ada", "ada@aster.example", undefined],
            ["Ben", "ben@aster.example", "openpgp.not_usable"],
            ["Cleo", "cleo@aster.example", "openpgp.weak_key"],
        ])
        const armoured = await readKeyOwners(`Some text\n${ada.publicKey.armor()}`, at)
        expect(armoured).toEqual([{ name: "Ada", mail: "ada@aster.example", refusal: null }])
    })

    test("is refused with a secret key, or without a key", async () => {
        const { privateKey } = await keyOf("Ada")
        await expect(readKeyOwners(privateKey.write(), at)).rejects.toMatchObject({ code: "openpgp.secret_keyring" })
        await expect(readKeyOwners("nothing", at)).rejects.toMatchObject({ code: "openpgp.no_keyring" })
        await expect(readKeyOwners(Buffer.from([1, 2, 3]), at)).rejects.toMatchObject({ code: "openpgp.no_keyring" })
    })
})

test.each([
    ["\ufeffName,Mail\nA,a@a.example", "csv"],
    ["name;mail\nA;a@a.example", "csv"],
    ["# comment\ngroups:\n- name: a", "groups_yaml"],
    ["Anne <anne@aster.example>", "mailman_roster"],
    ["-----BEGIN PGP PUBLIC KEY BLOCK-----", "openpgp_keyring"],
])("%j is recognised", (text, format) => expect(recogniseFormat(text)).toBe(format))
