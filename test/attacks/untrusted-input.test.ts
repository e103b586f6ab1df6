/** Input stays text: nothing evaluates it, and no address in it is requested. */
import { writeRows } from "../support/change-notes.ts"
import { once } from "node:events"
import { createServer } from "node:http"
import net, { type AddressInfo } from "node:net"
import { type MockInstance, afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { eventHandlers } from "../../server/src/event-handlers.ts"
import { hourMs } from "@tocsin/base/instant"
import { silentLog } from "../../server/src/platform/log/log.ts"
import { openOutgoing } from "../../server/src/platform/outgoing/outgoing.ts"
import { handleNextEvent } from "../../server/src/kernel/worker.ts"
import { makeServer } from "../../server/src/server.ts"
import { reviseArtifact } from "../../server/src/share/artifacts/actions/add-artifact.ts"
import { loadCaseFile } from "../../server/src/share/cases/actions/load-case.ts"
import { reviseCase, setPermission } from "../../server/src/share/cases/actions/open-case.ts"
import { endEmbargo } from "../../server/src/share/cases/actions/negotiate-embargo.ts"
import { aliasFor } from "../../server/src/share/delivery/actions/resolve-alias.ts"
import { publishCase } from "../../server/src/share/publication/actions/publish-case.ts"
import { restrictPartner } from "../../server/src/trace/measures/actions/restrict-access.ts"
import { setTemplate } from "../../server/src/trace/measures/actions/set-template.ts"
import type { OperatorRole } from "../../server/src/kernel/actor.ts"
import { issueCredential } from "../../server/src/trust/identity/actions/sign-in.ts"
import { addAgreement } from "../../server/src/trust/partners/agreements/actions/accept-agreement.ts"
import { createStaffMember, system } from "../support/actors.ts"
import { newId } from "../support/database.ts"
import { type Portal, openPortal } from "../support/polled-pages.ts"
import { looksOf } from "./read-portal.ts"
import { type Three, three, write } from "./three-partners.ts"

let world: Three
let portal: Portal
let console_: Awaited<ReturnType<typeof makeServer>>
let everything: string
const acting: Three["its"]["acting"] = (...given) => world.its.acting(...given)

beforeAll(async () => {
    world = await three()
    portal = await openPortal(world.its)
    const settings = { web: null, secureCookies: false, requestsPerMinuteMax: 100_000 }
    const services = { ...world.its.services, log: silentLog, outgoing: openOutgoing() }
    console_ = await makeServer({ services, side: "console", ...settings })
    const roles: OperatorRole[] = ["author", "manager", "investigator", "approver", "admin"]
    const somebody = await createStaffMember(world.its.acting, roles)
    everything = await acting(system, (ctx) => issueCredential(ctx, somebody.person, "token"))
}, 120_000)
afterAll(async () => {
    await portal.app.close()
    await console_.close()
    await world.its.database.close()
})

const post = async (url: string, payload: object, method: "POST" | "PUT" = "POST") =>
    await console_.inject({ method, url, headers: { authorization: `Bearer ${everything}` }, payload })

describe("expressions", () => {
    /** Expressions for many evaluators, including JavaScript replacements. */
    const expression = "{{7*7}} ${7*7} <%= 7*7 %> #{7*7} {% 7*7 %} [[7*7]] $& $1 $$ %s {0} @{7*7}"
    const says = (word: string) => `${word} ${expression} end`
    const words = [
        "zlagreed",
        "zlletter",
        "zlsubject",
        "zltitle",
        "zlvendor",
        "zlpermission",
        "zltext",
        "zlorganisation",
    ]

    /** Restores a text from JSON, HTML or XML. */
    const unescaped = (text: string) =>
        text
            .replaceAll("&lt;", "<")
            .replaceAll("&gt;", ">")
            .replaceAll(/&#(?:x([0-9a-f]+)|(\d+));/gi, (_, hex: string, dec: string) =>
                String.fromCodePoint(hex ? parseInt(hex, 16) : Number(dec)),
            )
            .replaceAll("&amp;", "&")

    test("G-12 in input of staff or applicants appear unchanged everywhere", async () => {
        const { its: setup, one: partner, shared, tokens } = world
        const [held, text] = ["[held]", says("zltext")]
        await acting(setup.manager, (ctx) => addAgreement(ctx, `${says("zlagreed")} `.repeat(4), null))
        const template = { subject: says("zlsubject"), text: `${says("zlletter")}\n\n${held}\n` }
        await acting(setup.manager, (ctx) => setTemplate(ctx, "restrict", template))
        const open = { name: "literal", classes: ["summary"], unopened: [], tlp: { summary: "GREEN" } } as const
        const ended = await write(setup, { ...open, tiers: ["publication"], endsAt: setup.clock.now + hourMs })
        const secret = await write(setup, { ...open, name: "secret", tiers: ["validate"] })
        for (const { id, artifacts } of [ended, secret]) {
            await acting(setup.author, async (ctx) => {
                const { vulnerabilities: before, finder } = await loadCaseFile(ctx, id)
                const products = [{ vendor: says("zlvendor"), name: "Server", fixedIn: null }]
                const vulnerabilities = before.map((vulnerability) => ({ ...vulnerability, products }))
                await reviseCase(ctx, id, { title: says("zltitle"), vulnerabilities, finder })
                await setPermission(ctx, id, { deployment: "not_allowed", text: says("zlpermission") })
                await reviseArtifact(ctx, artifacts.summary ?? "", `# About it\n\n\`${text}\`\n`)
            })
        }
        await setup.database.db.transaction((tx) =>
            writeRows(tx, "update wave_artifacts set version = 2 where artifact_id = any($1)", [
                [ended.artifacts.summary, secret.artifacts.summary],
            ]),
        )
        await acting(setup.manager, (ctx) =>
            restrictPartner(ctx, {
                partner: partner.id,
                withhold: ["repro"],
                notBeforePublication: false,
                cases: [shared.id],
                reason: "A risk.",
            }),
        )
        setup.clock.now += hourMs
        await acting(system, (ctx) => endEmbargo(ctx, ended.id))
        await acting(system, (ctx) => publishCase(ctx, ended.id))
        const added = await post("/api/partners", {
            name: says("zlorganisation"),
            mail: "psirt@new.example",
            tier: "entry",
            status: "applicant",
        })
        expect(added.statusCode).toBe(200)
        const headers = { authorization: `Bearer ${everything}` }
        const partners = await console_.inject({ method: "GET", url: "/api/partners", headers })
        const looks = [...(await looksOf(portal.app, tokens.one)), ...(await looksOf(portal.app, null))]
        const shown = [...looks.map(({ body }) => Buffer.from(body, "latin1").toString("utf8")), partners.body].map(
            unescaped,
        )
        for (const word of words) {
            const places = shown.flatMap((body) => body.split(word).slice(1))
            expect(places.length, word).toBeGreaterThan(0)
            for (const rest of places) expect(rest.slice(0, expression.length + 5), word).toBe(` ${expression} end`)
        }
        const forms = looks.filter(({ body }) => body.includes("zltitle")).map(({ path }) => path)
        for (const form of [/^\/advisories/, /atom$/, /^\/csaf\/white/, /^\/csaf\/partner/, /misp$/, /^\/taxii2/]) {
            expect(forms.filter((path) => form.test(path))).not.toEqual([])
        }
    }, 60_000)
})

describe("addresses", () => {
    const requests: string[] = []
    let connecting: MockInstance<net.Socket["connect"]>
    /** Every opened connection, except those to the database. */
    const dialled = () =>
        connecting.mock.calls.map((to) => JSON.stringify(to)).filter((to) => !to.includes(".s.PGSQL."))
    const sink = createServer((request, response) => {
        requests.push(request.url ?? "")
        response.end()
    })
    let address: string
    beforeAll(async () => {
        sink.listen(0, "127.0.0.1")
        await once(sink, "listening")
        address = `http://127.0.0.1:${(sink.address() as AddressInfo).port}`
        connecting = vi.spyOn(net.Socket.prototype, "connect")
    })
    afterAll(async () => {
        vi.restoreAllMocks()
        sink.closeAllConnections()
        sink.close()
        await once(sink, "close")
    })

    /** Addresses of the sink, and of an unused name. */
    const links = () => [
        `${address}/a`,
        `${address}/b.json#/c`,
        "http://sink.invalid/d",
        "//sink.invalid/e",
        "file:///etc/passwd",
    ]

    const csaf = () => ({
        $schema: `${address}/schema.json`,
        $ref: `${address}/ref.json`,
        document: {
            category: "csaf_base",
            csaf_version: "2.0",
            title: "x",
            publisher: { category: "vendor", name: "x", namespace: address },
            distribution: { tlp: { label: "RED", url: `${address}/tlp` } },
            references: links().map((url) => ({ category: "self", summary: "x", url })),
            tracking: { id: "x", version: "1", status: "final" },
        },
        product_tree: { $ref: `${address}/tree.json` },
        vulnerabilities: [{ cve: "CVE-2025-49704", references: links().map((url) => ({ summary: "x", url })) }],
    })
    const record = () => ({
        dataType: "CVE_RECORD",
        dataVersion: "5.2",
        $schema: `${address}/cve.json`,
        cveMetadata: { cveId: "CVE-2025-10001", state: "PUBLISHED" },
        containers: {
            cna: { descriptions: [{ lang: "en", value: "x" }], references: links().map((url) => ({ url })) },
        },
    })
    const xml = () =>
        `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "${address}/entity"><!ENTITY % p SYSTEM ` +
        `"${address}/p">%p;]>` +
        `<x xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="${address}/xi"/>&e;</x>`
    const at = "2025-07-01T00:00:00.000Z"
    const references = () => links().map((url) => ({ source_name: "x", url }))
    const stix = (type: string, id: string, more: object = {}) => ({
        type,
        spec_version: "2.1",
        id: `${type}--0d1b9c1e-5a55-4c8e-9a11-${id}`,
        created: at,
        modified: at,
        external_references: references(),
        ...more,
    })
    const bundle = () => ({
        type: "bundle",
        id: "bundle--74e52dad-2e63-4e1f-be2a-743acb3439de",
        $ref: `${address}/bundle`,
        objects: [
            stix("indicator", "000000000001", {
                pattern: `[url:value = '${address}/x']`,
                pattern_type: "stix",
                valid_from: at,
                name: "x",
            }),
        ],
    })
    const sigma = () =>
        `title: x\nid: 0d1b9c1e-5a55-4c8e-9a11-0b6a4f6c0009\nreferences:\n${links()
            .map((link) => `    - ${link}\n`)
            .join("")}` +
        `logsource:\n    category: webserver\ndetection:\n    s:\n        a: '${address}/x'\n    condition: s\n`
    const yara = () => `rule x { meta: reference = "${address}/y" strings: $a = "${address}/z" condition: $a }\n`
    const suricata = () =>
        `alert http any any -> any any (msg:"x"; content:"x"; reference:url,127.0.0.1/${address.length}; ` +
        `sid:1; rev:1;)\n`

    const files = () =>
        [
            ["indicators", "i.json", JSON.stringify(bundle())],
            ["rules", "r.yml", sigma()],
            ["rules", "r.yar", yara()],
            ["rules", "r.rules", suricata()],
            [
                "summary",
                "s.md",
                `![x](${address}/image) <img src="${address}/i"> [x](${address}/l)\n\n${links().join("\n")}\n`,
            ],
            ["patch", "p.xml", xml()],
        ] as const

    /** Publishes a case in every format, with these addresses in each public text. */
    async function published(): Promise<void> {
        const { its: setup } = world
        const labels = { summary: "GREEN", guidance: "GREEN" } as const
        const open = { name: "linked", classes: ["summary", "guidance"], unopened: [], tlp: labels } as const
        const { id, artifacts } = await write(setup, {
            ...open,
            tiers: ["publication"],
            endsAt: setup.clock.now + hourMs,
        })
        const linked =
            `![x](${address}/image) <img src="${address}/i"> ` +
            `[x](${address}/l)\n\n${links().join("\n")}\n\n${xml()}`
        await acting(setup.author, async (ctx) => {
            const { vulnerabilities: before, finder } = await loadCaseFile(ctx, id)
            const products = [{ vendor: `${address}/v`, name: `${address}/n`, fixedIn: `${address}/f` }]
            const vulnerabilities = before.map((vulnerability) => ({ ...vulnerability, products }))
            const credit = `${address}/credit`
            await reviseCase(ctx, id, { title: `${address}/title`, vulnerabilities, finder, credit })
            for (const subject of [artifacts.summary, artifacts.guidance])
                await reviseArtifact(ctx, subject ?? "", linked)
        })
        await setup.database.db.transaction((tx) =>
            writeRows(tx, "update wave_artifacts set version = 2 where artifact_id = any($1)", [
                Object.values(artifacts),
            ]),
        )
        setup.clock.now += hourMs
        await acting(system, (ctx) => endEmbargo(ctx, id))
        await acting(system, (ctx) => publishCase(ctx, id))
        while (await handleNextEvent({ ...setup.services, log: silentLog, outgoing: openOutgoing() }, eventHandlers));
        const forms = (await looksOf(portal.app, null)).filter(({ body }) => body.includes(`${address}/title`))
        for (const form of [/^\/advisories/, /atom$/, /^\/csaf\/white/]) {
            expect(forms.map(({ path }) => path)).toContainEqual(expect.stringMatching(form))
        }
    }

    test("G-13 in evidence, imports, reports, copies and publications are never requested", async () => {
        const { its: setup, x, one: partner, tokens } = world
        const filing = {
            kind: "leak",
            observedAt: "2025-07-01T00:00:00Z",
            clock: "unknown",
            source: `${address}/source`,
            name: "paste.txt",
        }
        const texts = [
            `${address}/\n${address}/more`,
            JSON.stringify(csaf()),
            xml(),
            ...files().map(([, , text]) => text),
        ]
        const drafts = []
        for (const document of [csaf(), record(), bundle(), xml(), `${address}/`]) {
            const text = typeof document === "string" ? document : JSON.stringify(document)
            drafts.push((await post("/api/cases/draft", { document: text })).statusCode)
        }
        expect(drafts).toEqual([200, 200, 400, 400, 400])
        for (const content of texts) expect((await post("/api/evidence", { ...filing, content })).statusCode).toBe(200)
        const statuses: Record<string, number> = {}
        for (const [kind, name, content] of files()) {
            const body = { class: kind, tlp: "RED", pap: "RED", name, content }
            statuses[name] = (await post(`/api/cases/${x.id}/artifacts`, body)).statusCode
        }
        expect(statuses).toMatchObject({ "i.json": 200, "r.yml": 200, "r.yar": 200, "s.md": 200, "p.xml": 200 })

        const [seen = ""] = (await looksOf(portal.app, tokens.one, /objects\/$/)).flatMap(
            ({ body }) => body.match(/vulnerability--[0-9a-f-]{36}/) ?? [],
        )
        const sighting = stix("sighting", "000000000002", { sighting_of_ref: seen, description: `${address}/` })
        const malware = stix("malware", "000000000003", { $ref: `${address}/m`, is_family: false, name: "x" })
        const machine = { authorization: `Bearer ${tokens.one}`, "content-type": "application/taxii+json" }
        const posted = await portal.app.inject({
            method: "POST",
            url: "/taxii2/api/collections/sightings/objects/",
            headers: machine,
            payload: { objects: [sighting, malware] },
        })
        expect(posted.json()).toMatchObject({ success_count: 1 })
        const person = { authorization: `Bearer ${tokens.lead}` }
        const hook = { address: "https://sink.invalid/in" }
        const taken = await portal.app.inject({ method: "POST", url: "/api/webhooks", headers: person, payload: hook })
        expect(taken.statusCode).toBe(200)
        const report = {
            id: newId(),
            warning: aliasFor(setup.services.keys, partner.id, "warning", x.id),
            clock: "unknown",
            observedAt: at,
            product: `${address}/`,
            note: `${address}/ ${xml()}`,
            indicators: links(),
        }
        const asPerson = { headers: person, payload: report }
        const reported = await portal.app.inject({ method: "POST", url: "/api/sightings", ...asPerson })
        expect(reported.statusCode).toBe(200)
        while (await handleNextEvent({ ...setup.services, log: silentLog, outgoing: openOutgoing() }, eventHandlers));
        await published()
        for (const token of [tokens.one, null]) await looksOf(portal.app, token, /objects\/$|misp|csaf/)
        expect([requests, dialled()]).toEqual([[], []])

        // Proves that the sink sees requests.
        await fetch(`${address}/seen`)
        expect([requests, dialled().length]).toEqual([["/seen"], 1])
    }, 60_000)
})

test("no request caused a server error", () => {
    expect(portal.faults).toEqual([])
})
