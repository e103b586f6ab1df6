/** Tests recalls on a real database: stopped reads, notices, confirmations, and lifting by two people. */
import { writeRows, releaseWaveWithoutEvent } from "../../../../../test/support/change-notes.ts"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { awaitRefusalCode, listEvents, system } from "../../../../../test/support/actors.ts"
import { newId } from "../../../../../test/support/database.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    fetchCopyText,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../../../../../test/support/program.ts"
import { listStatements } from "../../../../../test/support/statements.ts"
import { dayMs, parseInstant } from "@tocsin/base/instant"
import { readContent } from "../../../demo/content.ts"
import { verifyBytes } from "@tocsin/audit-log/export"
import { verifyEd25519 } from "../../../platform/crypto/ed25519.ts"
import { handleNextEvent } from "../../../kernel/worker.ts"
import { eventHandlers } from "../../../event-handlers.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { loadApproval } from "../../../trust/approvals/actions/load-approvals.ts"
import { signApproval } from "../../../trust/approvals/actions/request-approval.ts"
import { stateOf } from "../../../trust/approvals/approval.ts"
import { changePartnerStatus } from "../../../trust/partners/actions/change-partner.ts"
import { makeBatch } from "../../../trust/receipts/actions/batch-receipts.ts"
import { loadReceiptOfPartner } from "../../../trust/receipts/actions/load-receipts.ts"
import { receiptLogKey } from "../../../trust/signing-keys/actions/load-log-keys.ts"
import { loadAcknowledgementRates } from "../actions/load-acknowledgement-rates.ts"
import { listContactsBefore } from "../actions/list-exposure.ts"
import { reviseArtifact } from "../../artifacts/actions/add-artifact.ts"
import { recallArtifact, listRecalls } from "../../artifacts/actions/recall-artifact.ts"
import { loadMatrix } from "../../entitlement/actions/decide-access.ts"
import { releaseWavesJob, requestRelease } from "../../release/actions/release-wave.ts"
import { requestEmergencyRelease } from "../../release/actions/emergency-release.ts"
import { releaseLate } from "../../release/actions/release-late.ts"
import { liftRecallByTwo } from "../../release/actions/lift-recall.ts"
import { freezeWave, listWaves } from "../../waves/actions.ts"
import { fetchCopy } from "../actions/fetch-copy.ts"
import { listHoldings } from "../actions/list-holdings.ts"
import { aliasFor } from "../actions/resolve-alias.ts"
import { sendNoticesJob, noticeSubject, noticeText } from "../notices/actions/create-notices.ts"
import { listRecallsForPartner } from "./actions/list-recalls-for-partner.ts"
import { listWarnings } from "../actions/project-warnings.ts"
import { rehearseWave } from "../actions/rehearse-wave.ts"
import {
    confirmDeletion,
    listRecallsWithHolders,
    listOverdueHolders,
    resendRecallNotices,
} from "./actions/notify-holders.ts"

let world: Program
let caseId: string
let rules: string
let summary: string
let holder: TestPartner
let other: TestPartner
const sent: { readonly subject: string; readonly text: string }[] = []
beforeAll(async () => {
    world = await createProgram()
    const send = async (mail: { subject: string; text: string }) => {
        sent.push(mail)
    }
    Object.assign(world.services, { mail: { send }, log: { warn: () => undefined } })
}, 120_000)
afterAll(() => world.database.close())
beforeEach(async () => {
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    caseId = await newCase(world, "toolshell")
    rules = await newArtifact(world, caseId, "rules", "toolshell/request-web-log.yml")
    world.clock.now += 1
    summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
    holder = await newPartner(world, "validate")
    other = await newPartner(world, "validate")
    await releaseWaveNow(world, caseId, "validate", [rules, summary])
    world.clock.now += 1000
    await work() // Handles what earlier tests left pending.
    sent.length = 0
}, 120_000)

const actAsPartner = <T>(partner: TestPartner, work: (ctx: ActionContext) => Promise<T>) =>
    world.acting(partner.analyst, work)
const asManager = <T>(work: (ctx: ActionContext) => Promise<T>) => world.acting(world.manager, work)
const nameOf = (kind: "artifact" | "recall" | "warning", id: string, partner = holder) =>
    aliasFor(world.services.keys, partner.id, kind, id)
const read = (partner = holder, artifact = rules) => awaitRefusalCode(fetchCopyText(world, partner, artifact))
const recall = (version: number | null = null, artifact = rules) =>
    world.acting(world.author, (ctx) => recallArtifact(ctx, artifact, { version, reason: " It names a customer. " }))
const listOwnRecalls = (partner = holder) => actAsPartner(partner, (ctx) => listRecallsForPartner(ctx, partner.id))
const confirm = (id: string, partner = holder) =>
    actAsPartner(partner, (ctx) => confirmDeletion(ctx, nameOf("recall", id, partner)))
const loadRecall = async () => (await asManager((ctx) => listRecallsWithHolders(ctx, rules)))[0]!
const findWarning = async (partner = holder) =>
    (await actAsPartner(partner, (ctx) => listWarnings(ctx, partner.id))).find(
        ({ id }) => id === nameOf("warning", caseId, partner),
    )
const listClasses = async (partner = holder) =>
    (await findWarning(partner))?.artifacts.map((artifact) => artifact.class).toSorted()

/** Handles due events, then sends due notices. */
async function work(): Promise<void> {
    while (await handleNextEvent(world.services, eventHandlers));
    while (await sendNoticesJob.sendNext(world.services));
}

async function revise(): Promise<void> {
    await world.acting(world.author, (ctx) =>
        reviseArtifact(ctx, rules, `${readContent("toolshell/request-web-log.yml")}\n# Another.\n`),
    )
}

const hashOf = async (id: string) => (await asManager((ctx) => loadApproval(ctx, id))).effectsHash

/** Lifts the recall with two people. */
async function liftRecall(id: string): Promise<void> {
    const { approval } = await asManager((ctx) => liftRecallByTwo(ctx, id, undefined))
    await signAsApprover(world, approval)
    expect(await asManager((ctx) => liftRecallByTwo(ctx, id, approval))).toEqual({ done: true, approval })
}

test("many holders are read in as many statements as one", async () => {
    for (const partner of [holder, other]) await fetchCopyText(world, partner, summary)
    await fetchCopyText(world, holder, rules)
    for (const artifact of [rules, summary]) await recall(null, artifact)
    const holders = async (artifact: string) =>
        (await asManager((ctx) => listRecallsWithHolders(ctx, artifact)))[0]?.holders.map(({ partner }) => partner)
    expect([await holders(rules), await holders(summary)]).toEqual([[holder.id], [holder.id, other.id]])
    const textsOf = async (artifact: string) =>
        (await listStatements(() => holders(artifact)))
            .map((statement) => statement.replace(/^\d+ rows: /, ""))
            .toSorted()
    expect(await textsOf(summary)).toEqual(await textsOf(rules))
})

test("shows a holder without case access as out of reach, and awaits it once it is back", async () => {
    for (const partner of [holder, other]) await fetchCopyText(world, partner, rules)
    const id = await recall()
    world.clock.now += 4 * dayMs
    const waited = async () =>
        (await asManager(listOverdueHolders))
            .filter((unconfirmed) => unconfirmed.id === id)
            .map(({ partner }) => partner)
            .toSorted()
    const outOfReach = async () =>
        (await loadRecall()).holders.filter((holder) => holder.lacksCaseAccess).map(({ partner }) => partner)
    expect(await waited()).toEqual([holder.id, other.id].toSorted())
    expect(await outOfReach()).toEqual([])

    await asManager((ctx) => changePartnerStatus(ctx, holder.id, "suspended"))
    await asManager((ctx) => changePartnerStatus(ctx, other.id, "terminated"))
    expect(await waited()).toEqual([])
    expect((await outOfReach()).toSorted()).toEqual([holder.id, other.id].toSorted())

    await world.database.db.transaction((tx) =>
        writeRows(
            tx,
            "delete from partner_facts where partner_id = $1 and fact = 'status' and value = '\"suspended\"'",
            [holder.id],
        ),
    )
    expect(await waited()).toEqual([holder.id])
    expect(await outOfReach()).toEqual([other.id])
})

describe("from the recall on", () => {
    test("no partner reads the artifact, and the rest of the case is read as before", async () => {
        await fetchCopyText(world, holder, rules)
        expect(await read(other)).toBe("done")
        await recall()
        expect([await read(), await read(other), await read(holder, summary)]).toEqual([
            "request.not_found",
            "request.not_found",
            "done",
        ])
        expect(await listClasses()).toEqual(["summary"])
    })

    test("a running download stops, even when a newer version is available", async () => {
        const { mayContinue } = await actAsPartner(holder, (ctx) => fetchCopy(ctx, nameOf("artifact", rules)))
        const may = () => world.database.db.transaction(mayContinue)
        await revise()
        await world.acting(system, async (ctx) => {
            const wave = (await listWaves(ctx, caseId)).find((wave) => wave.tier === "publication")!
            await releaseWaveWithoutEvent(ctx, { ...wave }, [{ artifact: rules, version: 2 }])
        })
        world.clock.now = parseInstant("2025-07-08T17:00:00Z")
        expect(await may()).toBe(true)
        await recall(1)
        expect(await may()).toBe(false)
        expect(await read()).toBe("done")
    })

    test("one recalled version leaves the others, and no older one replaces it", async () => {
        await recall(1)
        expect(await read()).toBe("request.not_found")
        await revise()
        expect(await listClasses()).toEqual(["rules", "summary"])
        expect(await read()).toBe("request.not_found")
        await recall(2)
        expect(await listClasses()).toEqual(["summary"])
    })

    test.each([
        ["when already recalled", 0, null, "recall.already_recalled"],
        ["by version when recalled whole", 0, 1, "recall.already_recalled"],
        ["for an unknown version", null, 2, "recall.version_not_found"],
    ])("it is not recalled again %s", async (_, before, version, code) => {
        if (before !== null) await recall()
        expect(await awaitRefusalCode(recall(version))).toBe(code)
    })

    test("it needs a reason and an existing artifact; the reason is encrypted", async () => {
        const ask = (reason: string) =>
            awaitRefusalCode(world.acting(world.author, (ctx) => recallArtifact(ctx, rules, { version: null, reason })))
        expect([await ask("  "), await ask("x".repeat(2001))]).toEqual(Array(2).fill("recall.bad_reason"))
        expect(await awaitRefusalCode(recall(null, newId()))).toBe("artifact.not_found")
        await recall()
        expect((await loadRecall()).reason).toBe("It names a customer.")
        const rows = await world.database.db.transaction((tx) => tx.query("select * from recalls"))
        expect(JSON.stringify([rows, await listEvents(world.database)])).not.toContain("customer")
    })

    test("replay of an earlier instant sees it", async () => {
        const before = world.clock.now
        world.clock.now += 1000
        await recall()
        const outcome = async (at: number) => {
            const { entitlements } = await asManager((ctx) => loadMatrix(ctx, caseId, { at }))
            const entitlement = entitlements.find(
                ({ artifact, partner }) => artifact === rules && partner === holder.id,
            )
            return [entitlement?.version, entitlement?.decision.recalled]
        }
        expect(await outcome(before)).toEqual([1, false])
        expect(await outcome(world.clock.now - 1)).toEqual([1, false])
        expect(await outcome(world.clock.now)).toEqual([null, true])
    })
})

describe("waves", () => {
    const instant = parseInstant("2025-07-08T17:00:00Z")
    const publication = async () =>
        (await asManager((ctx) => listWaves(ctx, caseId))).find((w) => w.tier === "publication")!
    const falls = async () => {
        world.clock.now = instant
        await releaseWavesJob.run(world.services)
        return (await listEvents(world.database)).findLast(({ kind }) => kind === "wave.released")?.body
    }
    const ask = async () => {
        const { id } = await publication()
        world.clock.now = instant - 1000
        const approval = await asManager((ctx) => requestRelease(ctx, id))
        await signAsApprover(world, approval)
    }

    test("that were signed with it are released without it, under the same signature", async () => {
        await ask()
        await recall()
        await work()
        const body = await falls()
        expect(body).toMatchObject({ case: caseId, tier: "publication", artifacts: [`${summary}:1`] })
        expect(await read(holder)).toBe("request.not_found")
    })

    test("are rehearsed without the recalled artifact", async () => {
        const { id } = await publication()
        const opens = async () =>
            (await asManager((ctx) => rehearseWave(ctx, id))).artifacts.map(
                (artifactVersion) => artifactVersion.artifact,
            )
        expect(await opens()).toContain(rules)
        await recall()
        expect(await opens()).toEqual([summary])
    })

    test("that were signed without it do not release it when it is available again", async () => {
        const id = await recall()
        await ask()
        await liftRecall(id)
        await work()
        const disarmed = (await listEvents(world.database)).findLast(({ kind }) => kind === "wave.approval_voided")
        expect(disarmed?.body).toMatchObject({ case: caseId, code: "release.recall_ended" })
        await falls()
        expect((await publication()).releasedAt).toBe(null)
    })
})

describe("holders", () => {
    test("get the usual notice, once per person; other partners get none", async () => {
        await fetchCopyText(world, holder, rules)
        await fetchCopyText(world, other, summary)
        await recall()
        await work()
        expect(sent).toHaveLength(2)
        for (const { subject, text } of sent)
            expect({ subject, text }).toEqual({ subject: noticeSubject, text: noticeText })
        const { holders } = await loadRecall()
        const notified = {
            notifiedAt: world.clock.now,
            unnotifiedReason: null,
            confirmedAt: null,
            confirmedBy: null,
            lacksCaseAccess: false,
        }
        expect(holders).toEqual([{ partner: holder.id, versions: [1], ...notified }])
    })

    test("see what to delete; other partners see nothing of it", async () => {
        await fetchCopyText(world, holder, rules)
        const id = await recall()
        const seen = {
            id: nameOf("recall", id),
            warning: nameOf("warning", caseId),
            artifact: nameOf("artifact", rules),
            class: "rules",
            name: "request-web-log.yml",
            versions: [1],
            at: world.clock.now,
            confirmedAt: null,
        }
        expect(await listOwnRecalls()).toEqual([seen])
        expect((await findWarning())?.recalls).toEqual([seen])
        expect(await listOwnRecalls(other)).toEqual([])
        expect(await findWarning(other)).toMatchObject({ recalls: [] })
        expect(await listClasses(other)).toEqual(["summary"])
    })

    test("still see a warning that had only this artifact; other partners do not", async () => {
        await fetchCopyText(world, holder, rules)
        await recall()
        await recall(null, summary)
        expect(await findWarning()).toMatchObject({ artifacts: [], recalls: [{ class: "rules" }] })
        expect(await findWarning(other)).toBe(undefined)
    })

    test("are asked to delete, whatever they may still read of the case", async () => {
        await fetchCopyText(world, holder, rules)
        await recall()
        await world.database.db.transaction((tx) =>
            writeRows(tx, "update acceptances set ends_at = at where partner_id = $1", [holder.id]),
        )
        expect(await findWarning()).toBe(undefined)
        expect(await listOwnRecalls()).toMatchObject([{ class: "rules" }])
    })

    test("confirm once, each with a verifiable receipt", async () => {
        await fetchCopyText(world, holder, rules)
        await fetchCopyText(world, other, rules)
        const id = await recall()
        world.clock.now += 60_000
        const receipt = await confirm(id)
        world.clock.now += 60_000
        expect(await confirm(id)).toBe(receipt)
        const events = (await listEvents(world.database)).filter(({ kind }) => kind === "deletion.confirmed")
        const otherEvents = events.filter(({ body }) => body["recall"] === id)
        expect(otherEvents).toHaveLength(1)
        expect(otherEvents[0]?.body).toMatchObject({ partner: holder.id, artifact: rules, versions: ["1"] })
        const { holders } = await loadRecall()
        expect(holders.map((holder) => [holder.partner, holder.confirmedAt, holder.confirmedBy])).toEqual([
            [holder.id, world.clock.now - 60_000, holder.analyst.person],
            [other.id, null, null],
        ])
        await asManager(makeBatch)
        const text = await actAsPartner(holder, (ctx) => loadReceiptOfPartner(ctx, holder.id, receipt, () => true))
        const trust = { keys: [receiptLogKey(world.services.keys)], verify: verifyEd25519 }
        expect(await verifyBytes(Buffer.from(text), trust)).toMatchObject({
            ok: true,
            commitment: otherEvents[0]?.body["receipt"],
            body: { kind: "deleted", receipt, versions: [1], artifact: nameOf("artifact", rules), partner: holder.id },
        })
        expect(text).not.toContain(rules)
        expect(text).not.toContain(id)
        expect(
            (await actAsPartner(holder, (ctx) => listHoldings(ctx, holder.id))).map((holding) => holding.class),
        ).toEqual([])
    })

    test("cannot confirm for another partner, for copies never held, or after the recall was lifted", async () => {
        await fetchCopyText(world, holder, rules)
        const id = await recall()
        const ask = (name: string, partner = holder) =>
            awaitRefusalCode(actAsPartner(partner, (ctx) => confirmDeletion(ctx, name)))
        const before = (await listEvents(world.database)).length
        for (const name of [newId(), id, nameOf("artifact", id), nameOf("recall", id, other)]) {
            expect(await ask(name)).toBe("request.not_found")
        }
        expect(await ask(nameOf("recall", id, other), other)).toBe("request.not_found")
        expect((await listEvents(world.database)).length).toBe(before)
        await liftRecall(id)
        expect(await ask(nameOf("recall", id))).toBe("request.not_found")
    })

    test("that could not be notified are listed with the reason, and notices are resent", async () => {
        await fetchCopyText(world, holder, rules)
        const id = await recall()
        await asManager((ctx) => changePartnerStatus(ctx, holder.id, "suspended"))
        await work()
        expect((await loadRecall()).holders).toMatchObject([{ notifiedAt: null, unnotifiedReason: "dropped" }])
        expect(sent).toEqual([])
        await world.database.db.transaction((tx) =>
            writeRows(
                tx,
                "delete from partner_facts where partner_id = $1 and fact = 'status' and value = '\"suspended\"'",
                [holder.id],
            ),
        )
        await asManager((ctx) => resendRecallNotices(ctx, id))
        await work()
        expect((await loadRecall()).holders).toMatchObject([{ unnotifiedReason: null }])
        expect(sent).toHaveLength(2)
        await asManager((ctx) => resendRecallNotices(ctx, id))
        await work()
        expect(sent).toHaveLength(2)
        await liftRecall(id)
        expect(await awaitRefusalCode(asManager((ctx) => resendRecallNotices(ctx, id)))).toBe("delivery.recall_lifted")
    })

    test("after deletion, lifting and a second recall are those that fetched it again", async () => {
        for (const partner of [holder, other]) await fetchCopyText(world, partner, rules)
        const first = await recall()
        await confirm(first)
        await confirm(first, other)
        world.clock.now += 1000
        await liftRecall(first)
        world.clock.now += 1000
        await fetchCopyText(world, holder, rules)
        const second = await recall()
        const [now, then] = await asManager((ctx) => listRecallsWithHolders(ctx, rules))
        expect(now).toMatchObject({ id: second, holders: [{ partner: holder.id, confirmedAt: null }] })
        expect(then?.holders).toHaveLength(2)
        expect(await listOwnRecalls(other)).toEqual([])
    })

    test("have acknowledged, too, when they confirm deletion", async () => {
        await fetchCopyText(world, holder, rules)
        await fetchCopyText(world, other, rules)
        await confirm(await recall())
        world.clock.now += 8 * dayMs
        const shares = await asManager(loadAcknowledgementRates)
        expect([shares.get(holder.id), shares.get(other.id)]).toEqual([100, 0])
    })

    test("include every partner that held it, in an inquiry too, whatever it confirmed", async () => {
        await fetchCopyText(world, holder, rules)
        await confirm(await recall())
        const { fetched: list } = await asManager((ctx) => listContactsBefore(ctx, caseId, world.clock.now + 1))
        expect(list.map(({ partner, artifact }) => [partner, artifact])).toEqual([[holder.id, rules]])
    })
})

describe("a newer version", () => {
    const ruleOf = async (partner = holder) =>
        (await findWarning(partner))?.artifacts.find((artifact) => artifact.class === "rules")
    const late = (signed?: string) => asManager((ctx) => releaseLate(ctx, rules, signed))

    test("supersedes held copies once two release it late, not when it is written", async () => {
        await fetchCopyText(world, holder, rules)
        await revise()
        expect(await ruleOf()).toMatchObject({ version: 1, holds: [{ version: 1, superseded: false }] })
        const { approval } = await late()
        expect(await awaitRefusalCode(late(approval))).toBe("approval.not_signed")
        await signAsApprover(world, approval)
        world.clock.now += 1000
        expect(await late(approval)).toMatchObject({ done: true })
        await work()
        expect(await ruleOf()).toMatchObject({ version: 2, fetchedAt: null, holds: [{ version: 1, superseded: true }] })
        expect(await ruleOf(other)).toMatchObject({ version: 2, holds: [] })
        expect(sent.length).toBeGreaterThanOrEqual(4)
        await fetchCopyText(world, holder, rules)
        expect((await ruleOf())?.holds.map((heldVersion) => [heldVersion.version, heldVersion.superseded])).toEqual([
            [1, true],
            [2, false],
        ])
        const { entitlements } = await asManager((ctx) => loadMatrix(ctx, caseId, { at: world.clock.now - 1 }))
        expect(
            entitlements.find((entitlement) => entitlement.artifact === rules && entitlement.partner === holder.id)
                ?.version,
        ).toBe(1)
        expect(await awaitRefusalCode(late())).toBe("release.nothing_to_release_late")
    })

    test("is not released while recalled, by its author's signature, or with an error", async () => {
        expect(await awaitRefusalCode(late())).toBe("release.nothing_to_release_late")
        await world.acting(world.author, (ctx) => reviseArtifact(ctx, rules, "no rule"))
        expect(await awaitRefusalCode(late())).toBe("artifact.not_valid")
        await revise()
        const { approval } = await late()
        const hash = await hashOf(approval)
        expect(await awaitRefusalCode(world.acting(world.author, (ctx) => signApproval(ctx, approval, hash)))).toBe(
            "approval.author_cannot_sign",
        )
        await signAsApprover(world, approval)
        await recall(3)
        expect(await awaitRefusalCode(late(approval))).toBe("release.recalled")
        expect(await awaitRefusalCode(asManager((ctx) => releaseLate(ctx, newId(), undefined)))).toBe(
            "release.artifact_not_found",
        )
    })

    test("voids requests and signatures for the version before", async () => {
        const stands = async (id: string) => stateOf(await asManager((ctx) => loadApproval(ctx, id)), world.clock.now)
        await revise()
        await work()
        const { approval: signed } = await late()
        await signAsApprover(world, signed)
        const { approval } = await world.acting(world.author, (ctx) => releaseLate(ctx, rules, undefined))
        const breaking = await asManager((ctx) => requestEmergencyRelease(ctx, caseId, "it is out"))
        await world.acting(world.author, (ctx) => reviseArtifact(ctx, summary, "# Other\n\nText."))
        await work()
        expect([await stands(signed), await stands(approval), await stands(breaking)]).toEqual([
            "signed",
            "requested",
            "voided",
        ])
        await revise()
        const { approval: newest } = await late()
        await work()
        expect([await stands(signed), await stands(approval), await stands(newest)]).toEqual([
            "voided",
            "voided",
            "requested",
        ])
    })

    test("replaces a recalled one for holders and for partners whose wave was released without it", async () => {
        await fetchCopyText(world, holder, rules)
        await recall(1)
        await revise()
        const { approval } = await late()
        await signAsApprover(world, approval)
        await late(approval)
        expect([await read(), await read(other)]).toEqual(["done", "done"])
        expect(await listOwnRecalls()).toMatchObject([{ versions: [1] }])
    })

    test("is not released by a frozen wave", async () => {
        await revise()
        await asManager(async (ctx) => {
            const wave = (await listWaves(ctx, caseId)).find((wave) => wave.tier === "validate")!
            await freezeWave(ctx, wave.id)
        })
        expect(await awaitRefusalCode(late())).toBe("release.nothing_to_release_late")
    })
})

describe("lifting a recall", () => {
    test("takes a second person who is not an author and who sees who reads what again", async () => {
        await fetchCopyText(world, holder, rules)
        const id = await recall()
        const { done, approval } = await asManager((ctx) => liftRecallByTwo(ctx, id, undefined))
        expect(done).toBe(false)
        expect(await read()).toBe("request.not_found")
        expect(await awaitRefusalCode(asManager((ctx) => liftRecallByTwo(ctx, id, approval)))).toBe(
            "approval.not_signed",
        )
        const { effects } = await asManager((ctx) => loadApproval(ctx, approval))
        expect(effects.artifacts).toEqual([{ artifact: rules, version: 1 }])
        expect(effects.recipients).toEqual(expect.arrayContaining([holder.id, other.id]))
        const hash = await hashOf(approval)
        expect(await awaitRefusalCode(world.acting(world.author, (ctx) => signApproval(ctx, approval, hash)))).toBe(
            "approval.author_cannot_sign",
        )
        await signAsApprover(world, approval)
        await asManager((ctx) => liftRecallByTwo(ctx, id, approval))
        expect(await read()).toBe("done")
        expect(await awaitRefusalCode(asManager((ctx) => liftRecallByTwo(ctx, id, approval)))).toBe(
            "release.already_lifted",
        )
        expect((await asManager((ctx) => listRecalls(ctx, rules)))[0]).toMatchObject({ liftedBy: world.manager.person })
    })

    test("is voided when a further partner would read it", async () => {
        const id = await recall()
        const { approval } = await asManager((ctx) => liftRecallByTwo(ctx, id, undefined))
        await signAsApprover(world, approval)
        await newPartner(world, "validate")
        expect(await awaitRefusalCode(asManager((ctx) => liftRecallByTwo(ctx, id, approval)))).toBe(
            "approval.effects_exceeded",
        )
        expect(await read()).toBe("request.not_found")
    })

    test("leaves other recalls of the artifact, and notifies partners that read it again", async () => {
        const item = await recall(1)
        await recall(null)
        await liftRecall(item)
        await work()
        expect([await read(), sent.length]).toEqual(["request.not_found", 0])
    })

    test("sends the same notice to each holder that can read it again", async () => {
        await liftRecall(await recall()).then(work)
        expect(sent.length).toBeGreaterThanOrEqual(4)
        expect(new Set(sent.map(({ text }) => text))).toEqual(new Set([noticeText]))
    })
})
