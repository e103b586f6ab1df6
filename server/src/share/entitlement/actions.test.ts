import { releaseWaveWithoutEvent } from "../../../../test/support/change-notes.ts"
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import {
    type Acting,
    actingOn,
    addAgreementAtOnce,
    awaitRefusalCode,
    createPartnerMember,
    createStaffMember,
    listEvents,
    system,
    testServices,
} from "../../../../test/support/actors.ts"
import { type TestDatabase, createDatabase, newId } from "../../../../test/support/database.ts"
import { canonical } from "@tocsin/base/canonical"
import { dayMs, formatInstant, parseInstant } from "@tocsin/base/instant"
import { openPolicyEngine } from "../../platform/policy/engine.ts"
import { requestApproval, signApproval } from "../../trust/approvals/actions/request-approval.ts"
import { hashOf } from "../../trust/approvals/approval.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import type { Actor } from "../../kernel/actor.ts"
import { acceptAgreement, addAgreement } from "../../trust/partners/agreements/actions/accept-agreement.ts"
import { addKey } from "../../trust/partners/keys/actions/manage-keys.ts"
import {
    type Decision,
    addPartner,
    changePartnerStatus,
    changeTier,
    computeChangeEffects,
    setDuties,
    setRestriction,
} from "../../trust/partners/actions/change-partner.ts"
import { dutyTable } from "../../trust/partners/reporting-duties/reporting-duties.ts"
import type { FactChange } from "../../trust/partners/facts.ts"
import { addArtifact, reviseArtifact } from "../artifacts/actions/add-artifact.ts"
import { type ArtifactClass, artifactClasses } from "../artifacts/artifact.ts"
import { linkCases } from "../cases/actions/link-cases.ts"
import { openCase } from "../cases/actions/open-case.ts"
import { inviteToEmbargo } from "../cases/actions/answer-invitation.ts"
import { agreeEmbargo, moveEmbargo } from "../cases/actions/negotiate-embargo.ts"
import { planWaves, listWaves } from "../waves/actions.ts"
import type { WaveTier } from "../waves/wave.ts"
import { previewChange } from "./actions/preview-change.ts"
import { type Entitlement, listEntitlements, loadMatrix } from "./actions/decide-access.ts"
import { summariseAccess } from "./actions/summarise-access.ts"
import {
    activatePolicy,
    addPolicy,
    findActivePolicy,
    installPack,
    previewPolicy,
    requestActivation,
    loadPolicyHistory,
} from "./actions/manage-policies.ts"
import { threeTier } from "./packs/three-tier.ts"

const start = parseInstant("2025-06-23T00:00:00Z")
const publication = parseInstant("2025-07-08T17:00:00Z")
const clock = { now: start }

let database: TestDatabase
let acting: Acting
let manager: Actor
let approver: Actor
let author: Actor
let eventsBefore = 0
const partners: Record<string, string> = {}
const artifacts: Partial<Record<ArtifactClass, string>> = {}
let first: string
let bypass: string

beforeAll(async () => {
    database = await createDatabase()
    acting = actingOn({ ...testServices(database, clock), policy: openPolicyEngine() }, clock)
    manager = await createStaffMember(acting, ["manager"])
    approver = await createStaffMember(acting, ["approver"])
    author = await createStaffMember(acting, ["author"])
    await acting(manager, (ctx) => addAgreement(ctx, "Keep it to yourselves. ".repeat(10), null))
    for (const [name, tier] of [
        ["ent", "entry"],
        ["adv", "advance"],
        ["val", "validate"],
        ["reporting", "entry"],
    ] as const) {
        const partner = await acting(manager, (ctx) =>
            addPartner(ctx, { name, mail: `${name}@partner.example`, tier, status: "active" }),
        )
        partners[name] = partner
        const lead = await createPartnerMember(acting, partner, ["lead"])
        await acting(lead, (ctx) => acceptAgreement(ctx, 1))
        const recipient = await identityToRecipient(await generateX25519Identity())
        await acting(lead, (ctx) => addKey(ctx, recipient))
    }
    const rmsv = dutyTable.filter((duty) => duty.regime === "RMSV")
    await acting(manager, (ctx) => setDuties(ctx, partners.reporting ?? "", rmsv))
    first = await newCase("first", "CVE-2025-49704")
    bypass = await newCase("bypass", "CVE-2025-53770")
    await acting(author, (ctx) => linkCases(ctx, bypass, first, "bypass_of"))
    for (const artifactClass of artifactClasses) artifacts[artifactClass] = await newArtifact(first, artifactClass)
    await newArtifact(bypass, "poc")
})

afterAll(async () => {
    await database.close()
})

async function newCase(title: string, cve: string, end = publication): Promise<string> {
    const vulnerabilities = [
        { cve, cwe: "CWE-94", products: [], score: 8.8, vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H" },
    ]
    return await acting(author, async (ctx) => {
        const id = await openCase(ctx, { title, vulnerabilities, finder: "somebody" })
        await agreeEmbargo(ctx, id, end)
        await planWaves(ctx, id)
        return id
    })
}

async function newArtifact(subject: string, kind: ArtifactClass): Promise<string> {
    const labels = { tlp: "AMBER+STRICT", pap: "AMBER" } as const
    const input = { case: subject, class: kind, ...labels, name: `${kind}.md`, content: `# About the ${kind}` }
    return await acting(author, (ctx) => addArtifact(ctx, input))
}

/** Opens a wave as the release does, at its planned instant. */
async function release(caseId: string, tier: WaveTier, at: string): Promise<void> {
    clock.now = parseInstant(at)
    await acting(system, async (ctx) => {
        const wave = (await listWaves(ctx, caseId)).find((wave) => wave.tier === tier)
        if (!wave) throw new Error("no such wave")
        const entries = Object.values(artifacts).map((artifact) => ({ artifact, version: 1 }))
        await releaseWaveWithoutEvent(ctx, wave, entries)
    })
}

async function code(
    work: (ctx: Parameters<Parameters<Acting>[1]>[0]) => Promise<unknown>,
    by = manager,
): Promise<string> {
    return await awaitRefusalCode(acting(by, work))
}

const describeCell = (entitlements: readonly Entitlement[], name: string, kind: ArtifactClass): string => {
    const found = entitlements.find((e) => e.partner === partners[name] && e.class === kind)
    if (!found) throw new Error("no such cell")
    const { grantedClass: gives, from, available } = found.decision
    const until = from === null ? "never" : formatInstant(from)
    return `${gives ?? "nothing"} ${until} ${available ? `v${found.version}` : "shut"}`
}

/** The tests below tell one story, in order. */
describe("a program's policies", () => {
    test("give no partner anything when none is in force", async () => {
        const { policy, entitlements } = await acting(manager, (ctx) => loadMatrix(ctx, first))
        expect([policy, entitlements.length]).toEqual([null, 4 * artifactClasses.length])
        expect(new Set(entitlements.map((e) => e.decision.outcome))).toEqual(new Set(["withheld"]))
    })

    test("come from the shipped pack with its tiers, once", async () => {
        await acting(system, installPack)
        expect((await acting(manager, (ctx) => findActivePolicy(ctx, ctx.now)))?.version).toBe(1)
        expect(await acting(manager, (ctx) => findActivePolicy(ctx, ctx.now - 1))).toBe(null)
        expect(await code(installPack, system)).toBe("policy.already_installed")
    })

    test("show who gets what and when, before any release", async () => {
        const { entitlements } = await acting(manager, (ctx) => loadMatrix(ctx, first))
        expect(describeCell(entitlements, "val", "patch")).toBe("patch 2025-06-24T17:00:00Z shut")
        expect(describeCell(entitlements, "adv", "repro")).toBe("repro 2025-07-03T17:00:00Z shut")
        expect(describeCell(entitlements, "ent", "repro")).toBe("nothing never shut")
        expect(describeCell(entitlements, "reporting", "poc")).toBe("poc 2025-07-07T17:00:00Z shut")
    })

    test("open content by the release of a wave, not by its instant, for its tier and contents", async () => {
        clock.now = parseInstant("2025-06-24T17:00:00Z")
        const before = await acting(manager, (ctx) => loadMatrix(ctx, first))
        expect(describeCell(before.entitlements, "val", "poc")).toBe("poc 2025-06-24T17:00:00Z shut")
        await release(first, "validate", "2025-06-24T17:00:00Z")
        await acting(author, (ctx) => reviseArtifact(ctx, artifacts.poc ?? "", "# Another"))
        const after = await acting(manager, (ctx) => listEntitlements(ctx, partners.val ?? "", first))
        expect(describeCell(after, "val", "poc")).toBe("poc 2025-06-24T17:00:00Z v1")
        const others = await acting(manager, (ctx) => loadMatrix(ctx, first))
        expect(describeCell(others.entitlements, "adv", "poc")).toBe("poc 2025-07-03T17:00:00Z shut")
        const elsewhere = await acting(manager, (ctx) => listEntitlements(ctx, partners.val ?? "", bypass))
        expect(describeCell(elsewhere, "val", "poc")).toBe("poc 2025-06-24T17:00:00Z shut")
    })

    test("apply a suspension, a measure and an invitation at the next read", async () => {
        const val = partners.val ?? ""
        const read = async () =>
            describeCell(await acting(manager, (ctx) => listEntitlements(ctx, val, first)), "val", "poc")
        const invited = partners.adv ?? ""
        await acting(manager, (ctx) => inviteToEmbargo(ctx, first, invited))
        const waiting = await acting(manager, (ctx) => listEntitlements(ctx, invited, null))
        expect(
            waiting
                .filter((e) => e.class === "poc")
                .map((e) => e.decision.outcome)
                .sort(),
        ).toEqual(["full", "withheld"])
        const measure = { withhold: ["poc"], notBeforePublication: false, cases: [first] }
        await acting(manager, (ctx) => setRestriction(ctx, val, measure))
        expect(await read()).toBe("nothing never shut")
        const inherited = await acting(manager, (ctx) => listEntitlements(ctx, val, bypass))
        expect(describeCell(inherited, "val", "poc")).toBe("nothing never shut")
        await acting(manager, (ctx) => changePartnerStatus(ctx, val, "suspended"))
        expect(
            (await acting(manager, (ctx) => listEntitlements(ctx, val, null))).every((e) => e.version === null),
        ).toBe(true)
        const past = await acting(manager, (ctx) => loadMatrix(ctx, first, { at: ctx.now - 1 }))
        expect(describeCell(past.entitlements, "val", "poc")).toBe("poc 2025-06-24T17:00:00Z shut")
    })
})

test("access over all open cases counts what the matrix of each case says", async () => {
    await acting(manager, async (ctx) => {
        const summary = await summariseAccess(ctx)
        expect(new Set(summary.cases)).toEqual(new Set([first, bypass]))
        for (const [n, id] of summary.cases.entries()) {
            const { entitlements } = await loadMatrix(ctx, id)
            for (const { partner, counts } of summary.partners) {
                const own = entitlements.filter((cell) => cell.partner === partner).map(({ decision }) => decision)
                expect(counts[n]).toEqual({
                    open: own.filter(({ available }) => available).length,
                    later: own.filter(({ available, outcome }) => !available && outcome !== "withheld").length,
                    withheld: own.filter(({ outcome }) => outcome === "withheld").length,
                })
            }
        }
        expect(summary.partners.flatMap(({ counts }) => counts).some(({ later }) => later > 0)).toBe(true)
    })
})

describe("the duty rule", () => {
    const reporting = () => partners.reporting ?? ""

    test("is previewed: one partner loses or waits, none gains", async () => {
        clock.now = parseInstant("2025-06-26T00:00:00Z")
        const preview = await acting(manager, (ctx) => previewPolicy(ctx, 2))
        expect(preview).toMatchObject({ version: 2, replaces: 1, effects: null })
        expect(new Set(preview.differences.flatMap((d) => d.partners))).toEqual(new Set([reporting()]))
        const poc = preview.differences.filter((d) => d.before.grantedClass === "poc")
        expect(poc.map((d) => d.change)).toEqual(["narrower", "narrower"])
    })

    test("takes one person, and applies from then on, to the bypass too", async () => {
        eventsBefore = (await listEvents(database)).length
        expect(await code((ctx) => requestActivation(ctx, 2))).toBe("policy.needs_one_person")
        await acting(manager, (ctx) => activatePolicy(ctx, 2))
        expect(await listEvents(database, eventsBefore)).toMatchObject([
            { kind: "policy.activated", body: { version: 2, replaces: 1, approval: null } },
        ])
        const now = await acting(manager, (ctx) => listEntitlements(ctx, reporting(), first))
        expect(describeCell(now, "reporting", "technical")).toBe("summary 2025-07-08T17:00:00Z shut")
        expect(describeCell(now, "reporting", "summary")).toBe("summary 2025-07-08T17:00:00Z shut")
        expect(describeCell(now, "reporting", "poc")).toBe("nothing never shut")
        const after = await acting(manager, (ctx) => listEntitlements(ctx, reporting(), bypass))
        expect(describeCell(after, "reporting", "poc")).toBe("nothing never shut")
        expect(await code((ctx) => activatePolicy(ctx, 2))).toBe("policy.already_active")
    })

    test("is replayed over July, without and with it", async () => {
        await release(first, "entry", "2025-07-07T17:00:00Z")
        await release(first, "publication", "2025-07-08T17:00:00Z")
        const at = parseInstant("2025-07-07T17:00:00Z")
        const cell = async (policy: number | undefined, when: number, kind: ArtifactClass) =>
            describeCell(
                (await acting(manager, (ctx) => loadMatrix(ctx, first, { at: when, policy }))).entitlements,
                "reporting",
                kind,
            )
        expect(await cell(1, at, "poc")).toBe("poc 2025-07-07T17:00:00Z v1")
        expect(await cell(1, at - 1, "poc")).toBe("poc 2025-07-07T17:00:00Z shut")
        expect(await cell(2, at, "poc")).toBe("nothing never shut")
        expect(await cell(undefined, at, "poc")).toBe("nothing never shut")
        expect(await cell(undefined, publication, "summary")).toBe("summary 2025-07-08T17:00:00Z v1")
        expect(await cell(undefined, publication, "technical")).toBe("summary 2025-07-08T17:00:00Z vnull")
        expect(await cell(undefined, publication, "poc")).toBe("nothing never shut")
        expect(await cell(undefined, start, "poc")).toBe("poc 2025-07-07T17:00:00Z shut")
    })

    test("is removed by two people, over the shown effects", async () => {
        expect(await code((ctx) => activatePolicy(ctx, 1))).toBe("policy.needs_two_people")
        const request = () => acting(manager, (ctx) => requestActivation(ctx, 1))
        const sign = async (approval: string) => {
            const { effects } = await acting(manager, (ctx) => previewPolicy(ctx, 1))
            if (!effects) throw new Error("two people are needed")
            expect(effects).toMatchObject({ action: "policy.activate", recipients: [reporting()], at: null })
            await acting(approver, (ctx) => signApproval(ctx, approval, hashOf(effects)))
        }
        const approval = await request()
        expect(await code((ctx) => activatePolicy(ctx, 1, approval))).toBe("approval.not_signed")
        await sign(approval)
        expect(await code((ctx) => activatePolicy(ctx, 2, approval))).toBe("policy.already_active")
        await acting(manager, (ctx) => activatePolicy(ctx, 1, approval))
        expect((await acting(manager, (ctx) => findActivePolicy(ctx, ctx.now)))?.version).toBe(1)
        await acting(manager, (ctx) => activatePolicy(ctx, 2))
        expect(await code((ctx) => activatePolicy(ctx, 1, approval))).toBe("approval.already_applied")
        const stale = await request()
        await sign(stale)
        await acting(manager, async (ctx) => {
            const text = threeTier.text.replace("in the wave of the tier", "in their waves")
            expect(await addPolicy(ctx, { name: "reworded", text, examples: threeTier.examples })).toBe(3)
        })
        expect(await code((ctx) => activatePolicy(ctx, 3, stale))).toBe("approval.effects_exceeded")
    })
})

describe("invalid policies are refused", () => {
    test.each([
        ["a text with a type error", "policy.invalid", { name: "x", text: "permit (principal, action, resource" }],
        [
            "a rule for one partner",
            "policy.names_partner",
            {
                name: "x",
                text: `@id("x") @title("Xx") permit (principal == Partner::"acme", action, resource);`,
            },
        ],
        ["no names", "policy.bad_name", { name: " ", text: threeTier.text }],
        [
            "failing examples",
            "policy.example_fails",
            { name: "x", text: threeTier.text, examples: "entry | repro | entry | full, open" },
        ],
        [
            "a rule without an example",
            "policy.rule_without_example",
            { name: "x", text: threeTier.text, examples: "entry | repro | entry | withheld" },
        ],
        ["an invalid example", "policy.bad_example", { name: "x", text: threeTier.text, examples: "entry | repro" }],
    ])("%s", async (_, expected, input) => {
        const before = await acting(manager, loadPolicyHistory)
        expect(await code((ctx) => addPolicy(ctx, { examples: "", ...input }))).toBe(expected)
        expect(await acting(manager, loadPolicyHistory)).toEqual(before)
    })

    test("an unknown policy", async () => {
        expect(await code((ctx) => previewPolicy(ctx, 99))).toBe("policy.not_found")
        expect(await code((ctx) => activatePolicy(ctx, 99))).toBe("policy.not_found")
        expect(await code((ctx) => loadMatrix(ctx, newId()))).toBe("case.not_found")
        expect(await code((ctx) => loadMatrix(ctx, first, { policy: 99 }))).toBe("policy.not_found")
        expect(await code((ctx) => listEntitlements(ctx, newId(), first))).toBe("partner.not_found")
    })

    test("a wider version that affects no current partner still takes two people", async () => {
        const more = `@id("more") @title("No tier, and still something") permit (principal, action, resource)
            when { principal.tier == Tier::"none" };`
        const { text, examples: value } = (await acting(manager, (ctx) => findActivePolicy(ctx, ctx.now))) ?? threeTier
        const examples = `${value.replaceAll(/^none .*$/gm, "")}\nnone | poc | publication | full, open`
        const version = await acting(manager, (ctx) => addPolicy(ctx, { name: "more", text: text + more, examples }))
        const preview = await acting(manager, (ctx) => previewPolicy(ctx, version))
        expect([preview.differences, preview.effects?.recipients]).toEqual([[], []])
        expect(await code((ctx) => activatePolicy(ctx, version))).toBe("policy.needs_two_people")
    })
})

test("an embargo moved later postpones its waves, and replay knows the earlier schedule", async () => {
    const third = await newCase("third", "CVE-2025-53771", publication + 30 * dayMs)
    await newArtifact(third, "poc")
    const before = clock.now
    clock.now += dayMs
    await acting(author, (ctx) => moveEmbargo(ctx, third, publication + 40 * dayMs, "more time"))
    const shown = async (at?: number) =>
        describeCell((await acting(manager, (ctx) => loadMatrix(ctx, third, { at }))).entitlements, "ent", "poc")
    expect(await shown()).toBe("poc 2025-08-16T17:00:00Z shut")
    expect(await shown(before)).toBe("poc 2025-08-06T17:00:00Z shut")
})

describe("a preview of a decision about one partner", () => {
    const validate = () => partners.val ?? ""
    const cellsOf = async () => {
        const cells = await acting(manager, async (ctx) => [
            ...(await loadMatrix(ctx, first)).entitlements,
            ...(await loadMatrix(ctx, bypass)).entitlements,
        ])
        return new Map(
            cells.map((entitlement) => [`${entitlement.partner} ${entitlement.artifact}`, entitlement.decision]),
        )
    }
    const changes: [string, FactChange, 1 | 2][] = [
        ["a lower tier", { fact: "tier", value: "entry" }, 2],
        ["a reporting duty", { fact: "duties", value: dutyTable.filter((duty) => duty.regime === "RMSV") }, 1],
        ["the higher tier again", { fact: "tier", value: "advance" }, 2],
        ["a duty without consequences", { fact: "duties", value: dutyTable }, 1],
        [
            "a restriction",
            { fact: "restriction", value: { withhold: ["poc"], notBeforePublication: false, cases: null } },
            1,
        ],
        ["a suspension", { fact: "status", value: "suspended" }, 1],
    ]

    test.each(changes)("shows the effects of: %s", async (_, change, people) => {
        const preview = await acting(manager, (ctx) => previewChange(ctx, [validate()], change))
        expect(preview.peopleNeeded).toBe(people)
        const before = await cellsOf()
        await take(validate(), change)
        const after = await cellsOf()
        const foreseen = preview.differences.flatMap((difference) =>
            difference.partners.flatMap((partner) =>
                difference.artifacts.map((artifact) => [`${partner} ${artifact}`, difference.after] as const),
            ),
        )
        const happened = [...after].filter(([key, decision]) => canonical(decision) !== canonical(before.get(key)))
        const differs = new Map(happened.filter(([key]) => outcomeOf(after.get(key)) !== outcomeOf(before.get(key))))
        expect(new Map(foreseen)).toEqual(differs)
    })

    test("refuses an impossible status change and an unknown partner", async () => {
        const applicant: FactChange = { fact: "status", value: "applicant" }
        expect(await code((ctx) => previewChange(ctx, [validate()], applicant))).toBe("partner.transition_not_allowed")
        expect(await code((ctx) => previewChange(ctx, [newId()], applicant))).toBe("partner.not_found")
    })

    /** The content of a decision that a preview compares: class, instant and availability, without reasons. */
    function outcomeOf(decision: Entitlement["decision"] | undefined): string {
        const { outcome, grantedClass: gives, from, available } = decision ?? {}
        return canonical([outcome ?? null, gives ?? null, from ?? null, available ?? null])
    }

    async function take(partner: string, change: FactChange): Promise<void> {
        const effects = await acting(manager, (ctx) => computeChangeEffects(ctx, partner, change))
        const approval = effects && (await acting(manager, (ctx) => requestApproval(ctx, effects)))
        if (approval && effects) {
            await acting(await createStaffMember(acting, ["approver"]), (ctx) =>
                signApproval(ctx, approval, hashOf(effects)),
            )
        }
        await acting(manager, (ctx) => applied(ctx, partner, change, { approval: approval ?? undefined }))
    }

    async function applied(ctx: ActionContext, partner: string, change: FactChange, on: Decision): Promise<void> {
        if (change.fact === "tier") await changeTier(ctx, partner, change.value, on)
        else if (change.fact === "duties") await setDuties(ctx, partner, change.value, on)
        else if (change.fact === "status") await changePartnerStatus(ctx, partner, change.value, on)
        else await setRestriction(ctx, partner, change.value, on)
    }
})

test("shows that an expired agreement gave consent, not that there was no invitation", async () => {
    clock.now += 1000
    await acting(manager, (ctx) => addAgreementAtOnce(ctx, "Keep it all to yourselves. ".repeat(10), null))
    const found = await acting(author, (ctx) => listEntitlements(ctx, partners["ent"] ?? "", first))
    const titles = found[0]?.decision.reasons.map(({ title }) => title)
    expect(titles).toContain("The partner's consent to this embargo has expired")
    expect(titles).not.toContain("The partner is not invited to this embargo")
})
