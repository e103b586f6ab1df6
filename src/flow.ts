/**
 * THE TABLE: which recorded event starts which step. Everything that the product does by itself stands here.
 *
 * Forward is by event: a step runs in the transaction that strikes its event, so nothing happens unrecorded and
 * nothing recorded is lost. Backward is by data: a measure writes standing, and the next entitlement reads it.
 */
import { numbering } from "./trust/audit/actions/numbering.ts"
import type { Act } from "./trust/audit/actions.ts"
import { forgettingChanges } from "./platform/changes.ts"
import type { Chore, Flow, Step } from "./platform/worker.ts"
import { percentAcknowledged } from "./share/delivery/actions/acknowledged.ts"
import { tellOfWave } from "./share/delivery/actions/filtering.ts"
import { mailing, makeNotices, noticeLeads } from "./share/delivery/actions/notices.ts"
import { tellHolderAnew, tellHolders } from "./share/delivery/actions/recalls.ts"
import { tellConcerned } from "./share/delivery/actions/telling.ts"
import { latestAcceptances } from "./trust/partners/actions/agreements.ts"
import { noteBounce, posting } from "./trust/partners/actions/mailbox.ts"
import { partnerFactsAt, standingOf } from "./trust/partners/actions/facts.ts"
import { tending } from "./trust/partners/actions/tending.ts"
import { reachesCases } from "./trust/partners/partner.ts"
import { approval, voidOrphaned } from "./trust/approvals/actions.ts"
import { batching } from "./trust/receipts/actions/batching.ts"
import { listenersOf } from "./share/cases/actions/consents.ts"
import { hearing } from "./share/canaries/actions/hearing.ts"
import { settleExploited } from "./share/cases/actions/exploitation.ts"
import { proposeTeardownIfSecret } from "./share/cases/actions/embargo.ts"
import { triggers } from "./share/cases/embargo.ts"
import { commitMarks } from "./share/marking/actions/committing.ts"
import { calling } from "./share/webhooks/actions/calling.ts"
import { correctAdvisory, oweAdvisory, publishCase } from "./share/publication/actions/publishing.ts"
import { releasing } from "./share/release/actions.ts"
import { watching } from "./share/release/actions/clock.ts"
import { voidExceeded, voidOpenings, voidRevised } from "./share/release/actions/exceeded.ts"
import { attributeLeak } from "./trace/attribution/actions.ts"
import { lapsing } from "./trace/inquiries/actions/questions.ts"
import { counting } from "./trace/sightings/actions/counting.ts"
import { owe, owing } from "./trace/sightings/actions/owing.ts"
import { startByEvidence, startBySightings } from "./trace/clocks/actions/starting.ts"
import { countingReports } from "./trace/evidence/actions/dismiss-reports.ts"
import { likenessOf } from "./trace/evidence/actions/likeness.ts"
import { openEvidence } from "./trace/evidence/actions/reading.ts"
import { fileTouched } from "./trace/evidence/actions/touched.ts"
import { hearFirst, holdReports } from "./trace/sightings/actions/reporting.ts"
import { settleByDuty } from "./trace/measures/actions/giving.ts"
import { mailingOperators, minding, tellWaiting } from "./trace/waiting/actions/telling.ts"

/** A step acts as itself, and is on record by its name. */
function step(name: string, work: (act: Act, body: Readonly<Record<string, unknown>>) => Promise<void>): Step {
    return (tx, event, now, doors) => work({ tx, now, doors, actor: { kind: "system", step: name } }, event.body)
}

/** Several steps of one event: all of them, or none. */
function inTurn(...steps: readonly Step[]): Step {
    return async (tx, event, now, doors) => {
        for (const one of steps) await one(tx, event, now, doors)
    }
}

const notify = step("notify", async (act, { case: id, wave, recipients }) => {
    await tellOfWave(act, { case: String(id), wave: String(wave) }, recipients as readonly string[])
})

/** Whom the wave reached owes a report of what it sees from then on. */
const followRelease = inTurn(
    notify,
    step("owe", (act, { case: id }) => owe(act, String(id))),
)

/** The same content-free notice as for a wave: whoever sees it learns nothing of which it is. */
const remind = step("remind", (act, { partner }) => makeNotices(act, null, [String(partner)]))

/** Of what is owed of a case, whoever may see the case is told so. */
const remindOfReport = step("remind", (act, { case: id, partner }) =>
    makeNotices(act, { case: String(id) }, [String(partner)]),
)

/**
 * A server that was out of reach says nothing about the partner; one that takes nothing for its address does. Of something
 * sealed, nobody is to see that there was a mail: the next that is not says the same of the address.
 */
const noteRejection = step("note-bounce", async (act, { partner, person, rejected, sealed }) => {
    if (rejected === true && sealed !== true) await noteBounce(act, String(partner), String(person))
})

const attribute = step("attribute", async (act, { evidence, what }) => {
    if (what === "leak") await attributeLeak(act, String(evidence))
})

/** Whoever keeps an embargo is told that something was said about it, and finds what in the portal. */
const tellParties = step("tell-parties", async (act, { case: id }) =>
    makeNotices(act, { case: String(id) }, await listenersOf(act, String(id))),
)

/** The waves move with publication; what was signed for later than they would now fall is void. */
const voidSigned = step("void-exceeded", (act, { case: id }) =>
    voidExceeded(act, { case: String(id), partner: null }, "release.publication_moved"),
)

/** A version that nobody has signed is not let out by a signature for another one, and no wave looks as if it were. */
const voidOutdated = step("void-outdated", async (act, { case: id, artifact, version }) => {
    await voidExceeded(act, { case: String(id), partner: null }, "release.artifact_changed")
    await voidOpenings(act, String(artifact), Number(version))
})

/** Back where it reaches cases, it is told of what was recalled in between. */
const tellOfRecalls = step("tell-of-recalls", (act, { partner }) => tellHolderAnew(act, String(partner)))

/** Whoever holds what was recalled is told that there is something to see: the portal says what. */
const askToDelete = step("ask-to-delete", (act, { recall }) => tellHolders(act, String(recall)))

/** What was signed for what a case said before lets nothing out with what it says now. */
const voidRetold = step("void-retold", (act, { case: id, revision }) => voidRevised(act, String(id), Number(revision)))

/** What is available again would go out by waves that were signed without it. */
const voidWithout = step("void-without", (act, { case: id }) =>
    voidExceeded(act, { case: String(id), partner: null }, "release.recall_ended"),
)

/** Whoever has come to have more was not signed for; said of one partner, of one case, or of neither, it may be anyone. */
const voidWider = step("void-wider", (act, { partner, case: id }) =>
    voidExceeded(act, { case: wordOrNull(id), partner: wordOrNull(partner) }, "release.effects_changed"),
)

/** Voids signatures for a public text that denies exploitation reported since. Auditors read the code, so it names no report. */
const voidDenying = step("void-exceeded", (act, { case: id }) =>
    voidExceeded(act, { case: String(id), partner: null }, "release.effects_changed"),
)

/** What was decided about the older case carries over, to those that descend from it too. */
const voidLinked = step("void-linked", (act) => voidExceeded(act, { case: null, partner: null }, "release.case_linked"))

const wordOrNull = (word: unknown): string | null => (typeof word === "string" ? word : null)

const followMove = inTurn(tellParties, voidSigned)

/** Whoever is asked to keep an embargo may say yes: what was signed without it falls now, and not by its yes. */
const followInvitation = inTurn(
    step("tell-invited", async (act, { partner, case: id }) => {
        if (typeof partner === "string") await makeNotices(act, { case: String(id) }, [partner])
    }),
    step("void-wider", async (act, { partner, case: id }) => {
        if (typeof partner === "string") {
            await voidExceeded(act, { case: wordOrNull(id), partner }, "release.effects_changed")
        }
    }),
)

/** What was found outside speaks for an early end; a person decides. */
const proposeEnd = step("propose-end", async (act, { case: id, what }) => {
    const trigger = triggers.find((one) => one === what)
    if (typeof id === "string" && trigger) await proposeTeardownIfSecret(act, id, trigger)
})

/** The operator has become aware of exploitation: what the law asks of it runs from now. */
const startByFiled = step("start-clocks", (act, { evidence }) => startByEvidence(act, String(evidence)))

/** An archive is opened once, in a process apart, and what is in it is read as one leak. */
const open = step("open-evidence", (act, { evidence }) => openEvidence(act, String(evidence)))

/** Whether it was filed before, or is public: whoever looks at the attribution has to know. */
const compare = step("compare-evidence", async (act, { evidence, what }) => {
    if (what === "leak") await likenessOf(act, String(evidence))
})

const followEvidence = inTurn(open, compare, attribute, proposeEnd, startByFiled)

/** Whoever investigates finds it beside what people have filed. */
const fileTouchedCanary = inTurn(
    step("file-touch", (act, { touch }) => fileTouched(act, String(touch))),
    // Of a decoy, every investigator and admin is notified.
    step("tell-operators", (act) => tellWaiting(act)),
)

/** A partner that sees exploitation is heard once of a case; who took that back, again a day later. */
const proposeEndAsSeen = step("propose-end", async (act, { case: id, partner, sightings }) => {
    const isFirst = await hearFirst(act, String(id), String(partner), sightings as readonly string[])
    if (isFirst) await proposeTeardownIfSecret(act, String(id), "exploitation")
})

/** A report marks its case at once; one that says otherwise, or is withdrawn, may leave none that does. */
const settleExploitation = step("settle-exploitation", async (act, { case: id, partner }) => {
    await holdReports(act, String(partner))
    await settleExploited(act, String(id), async () => (await countingReports(act, String(id))).length > 0)
})

const followSighting = inTurn(
    settleExploitation,
    proposeEndAsSeen,
    step("start-clocks", (act, { case: id, partner, sightings }) =>
        startBySightings(act, String(id), String(partner), sightings as readonly string[]),
    ),
)

/** A warning of which something was withdrawn, given back or superseded is looked at again by those who have it. */
const tellWarned = step("tell-warned", (act, { case: id, recipients }) =>
    makeNotices(act, { case: String(id) }, recipients as readonly string[]),
)

/**
 * A key besides the first waits a day, so that the partner's other persons can object: they are told that there is
 * something to see.
 */
const tellOfKey = step("tell-of-key", async (act, { partner, first }) => {
    if (first !== true && reachesCases(await standingOf(act, String(partner)))) {
        await makeNotices(act, null, [String(partner)])
    }
})

/** It is called no more, and says so by the other way. */
const tellOfWebhook = step("tell-of-webhook", (act, { partner }) => noticeLeads(act, String(partner)))

/** Whoever accepted an older version is told of the newer one: accepted before it applies, it takes nothing away. */
const tellOfAgreement = step("tell-of-agreement", async (act, { version }) => {
    const latest = await latestAcceptances(act)
    const bound = (await partnerFactsAt(act, act.now)).filter(
        ({ partner, standing }) =>
            reachesCases(standing) && (latest.get(partner)?.version ?? Infinity) < Number(version),
    )
    const ids = bound.map(({ partner }) => partner)
    await makeNotices(act, null, ids)
})

/** The embargo has ended: the world is told, in every form at once. */
const publish = step("publish", (act, { case: id }) => publishCase(act, String(id)))

/** What is public follows what two people corrected, and tells no more what was called back. */
const oweCorrection = step("owe-advisory", (act, { case: id }) => oweAdvisory(act, String(id)))

/** What was refused before may be published by now: then there is nothing to correct yet. */
const publishOwed = step("publish-owed", async (act, { case: id }) => {
    await publishCase(act, String(id))
    await correctAdvisory(act, String(id))
})

const followRecall = inTurn(askToDelete, oweCorrection)

/** Who did not want to hear of the products that it named before may want to hear of those that it names now. */
const tellAll = step("tell-concerned", (act, { case: id }) => tellConcerned(act, String(id)))

const followRetelling = inTurn(voidRetold, oweCorrection, tellAll)

const followLateOpening = inTurn(tellWarned, oweCorrection)

const followEnd = inTurn(tellWarned, voidWithout, oweCorrection)

const settle = inTurn(
    step("settle", (act) => settleByDuty(act)),
    voidWider,
)

/** Letters are read in every standing; by mail nobody is told of anything in one that reaches no cases. */
const tellOfLetter = step("tell-of-letter", async (act, { partner }) => {
    if (reachesCases(await standingOf(act, String(partner)))) await makeNotices(act, null, [String(partner)])
})

/** As for a letter, and by mail to leads alone, who alone answer; the record tells nobody who was asked. */
const tellAsked = step("tell-asked", async (act, { partner, question }) => {
    if (reachesCases(await standingOf(act, String(partner)))) await noticeLeads(act, String(partner), String(question))
})

/** Something has begun to wait for somebody of the operator: whoever may act is told, once. */
const tellOperators = step("tell-operators", (act) => tellWaiting(act))

const tellBoth = inTurn(tellParties, tellOperators)

/** Asked for and signed: the marks of what would be let out are found and committed to before it is. */
const opensWaves = ["wave.release", "wave.late_release", "embargo.terminate"]
const followAsking = inTurn(
    step("commit-marks", async (act, { approval: id, act: asked }) => {
        if (opensWaves.includes(String(asked)))
            await commitMarks(act, (await approval(act, String(id))).effects.artifacts)
    }),
    tellOperators,
)

/** Two people who may are behind what is asked for and signed, or it falls. What waited for this one waits for others. */
const followLeaving = inTurn(
    step("void-orphaned", (act) => voidOrphaned(act)),
    tellOperators,
)

export const flow: Flow = {
    "artifact.versioned": voidOutdated,
    "artifact.recalled": followRecall,
    "recall.lifted": followEnd,
    "wave.released": followRelease,
    "wave.late_released": followLateOpening,
    "requirement.reminded": remind,
    "follow_up.reminded": remindOfReport,
    "notice.failed": noteRejection,
    "evidence.added": followEvidence,
    "canary.touched": fileTouchedCanary,
    "sighting.reported": followSighting,
    "sighting.withdrawn": settleExploitation,
    "regulatory_clock.started": tellOperators,
    "regulatory_clock.corrected": tellOperators,
    "regulatory_clock.fix_reported": tellOperators,
    "filing.submitted": tellOperators,
    "filing.reopened": tellOperators,
    "consent.invited": followInvitation,
    "embargo.proposed": tellBoth,
    "embargo.termination_proposed": tellBoth,
    "embargo.rejected": tellParties,
    "embargo.agreed": followMove,
    "embargo.moved": followMove,
    "embargo.terminated": followMove,
    "embargo.ended": publish,
    "advisory.update_required": publishOwed,
    "case.cancelled": tellParties,
    "case.withdrawal_announced": tellWarned,
    "agreement.added": tellOfAgreement,
    "key.added": tellOfKey,
    "key.activated_early": tellOfKey,
    "mail_key.added": tellOfKey,
    "webhook.disabled": tellOfWebhook,
    "policy.activated": settle,
    "letter.sent": tellOfLetter,
    "question.asked": tellAsked,
    "question.answered": tellOperators,
    "question.expired": tellOperators,
    "approval.requested": followAsking,
    "approval.signed": followAsking,
    "approval.voided": tellOperators,
    "person.left": followLeaving,
    "person.roles_changed": followLeaving,
    "partner.added": voidWider,
    "partner.status_changed": inTurn(voidWider, tellOfRecalls),
    "partner.tier_changed": voidWider,
    "partner.duties_set": voidWider,
    "partner.restricted": voidWider,
    "partner.restriction_lifted": voidWider,
    "agreement.accepted": voidWider,
    "consent.answered": voidWider,
    "case.linked": voidLinked,
    "case.exploitation_set": voidDenying,
    "case.revised": followRetelling,
    "case.permission_set": voidRetold,
    "measure.taken": tellOperators,
    "letter.answered": tellOperators,
    "procedure.appealed": tellOperators,
    "deputy.named": tellOperators,
    "artifact.read_limit_reached": tellOperators,
    "wave.frozen": tellOperators,
    "clock.distrusted": tellOperators,
}

/** Looked for by state, again and again: what is due falls, whatever was missed. */
export const chores: readonly Chore[] = [
    watching,
    releasing,
    batching,
    numbering,
    mailing,
    calling,
    hearing,
    posting,
    tending(percentAcknowledged),
    lapsing,
    minding,
    counting,
    owing,
    mailingOperators,
    forgettingChanges,
]
