/**
 * THE TABLE: which recorded event starts which step. Everything that the product does by itself stands here.
 *
 * Forward is by event: a step runs in the transaction that strikes its event, so nothing happens unrecorded and
 * nothing recorded is lost. Backward is by data: a measure writes standing, and the next entitlement reads it.
 */
import { sequenceEventsJob } from "./trust/audit-log/actions/sequence-leaves.ts"
import type { ActionContext } from "./kernel/action-context.ts"
import { pruneChangesJob } from "./kernel/change-detection.ts"
import type { BackgroundJob, EventHandlers, EventHandler } from "./kernel/worker.ts"
import { percentAcknowledged } from "./share/delivery/actions/count-acknowledged.ts"
import { notifyOfWave } from "./share/delivery/notices/actions/filter-notices.ts"
import { sendNoticesJob, makeNotices, noticeLeads } from "./share/delivery/notices/actions/create-notices.ts"
import { notifyHolderAgain, notifyHolders } from "./share/delivery/recalls/actions/notify-holders.ts"
import { notifyConcerned } from "./share/delivery/notices/actions/resend-notices.ts"
import { latestAcceptances } from "./trust/partners/agreements/actions/accept-agreement.ts"
import { noteBounce, sendMailsJob } from "./trust/partners/roster/actions/verify-mailbox.ts"
import { partnerFactsAt, standingOf } from "./trust/partners/actions/load-facts.ts"
import { tending } from "./trust/partners/requirements/actions/check-requirements.ts"
import { reachesCases } from "./trust/partners/partner.ts"
import { approval, voidOrphaned } from "./trust/approvals/actions.ts"
import { batchReceiptsJob } from "./trust/receipts/actions/batch-receipts.ts"
import { listenersOf } from "./share/cases/actions/answer-invitation.ts"
import { takeInTouchesJob } from "./share/canaries/actions/record-touches.ts"
import { settleExploited } from "./share/cases/actions/set-exploitation.ts"
import { proposeTeardownIfSecret } from "./share/cases/actions/negotiate-embargo.ts"
import { triggers } from "./share/cases/embargo.ts"
import { commitMarks } from "./share/marking/actions/commit-marks.ts"
import { callWebhooksJob } from "./share/webhooks/actions/call-webhooks.ts"
import { correctAdvisory, oweAdvisory, publishCase } from "./share/publication/actions/publish-case.ts"
import { releaseWavesJob } from "./share/release/actions.ts"
import { watchClocksJob } from "./share/release/actions/guard-clocks.ts"
import { voidExceededApprovals, voidOpenings, voidRevised } from "./share/release/actions/void-approvals.ts"
import { attributeLeak } from "./trace/attribution/actions.ts"
import { expireQuestionsJob } from "./trace/inquiries/actions/ask-question.ts"
import { countAggregatesJob } from "./trace/sightings/actions/count-aggregates.ts"
import { openFollowUps, trackFollowUpsJob } from "./trace/sightings/actions/track-follow-ups.ts"
import { startByEvidence, startBySightings } from "./trace/regulatory-clocks/actions/start-clocks.ts"
import { countingReports } from "./trace/evidence/actions/dismiss-reports.ts"
import { likenessOf } from "./trace/evidence/actions/find-similar.ts"
import { openEvidence } from "./trace/evidence/actions/read-evidence.ts"
import { fileTouched } from "./trace/evidence/actions/add-touched-canary.ts"
import { hearFirst, holdReports } from "./trace/sightings/actions/report-sighting.ts"
import { settleByDuty } from "./trace/measures/actions/restore-access.ts"
import { mailStaffJob, checkTasksJob, notifyStaffOfTasks } from "./trace/tasks/actions/notify-staff.ts"

/** A step acts as itself, and is on record by its name. */
function handler(
    name: string,
    work: (ctx: ActionContext, body: Readonly<Record<string, unknown>>) => Promise<void>,
): EventHandler {
    return (tx, event, now, services) => work({ tx, now, services, actor: { kind: "system", step: name } }, event.body)
}

const notify = handler("notify", async (ctx, { case: id, wave, recipients }) => {
    await notifyOfWave(ctx, { case: String(id), wave: String(wave) }, recipients as readonly string[])
})

/** Whom the wave reached owes a report of what it sees from then on. */
const onRelease = [notify, handler("owe", (ctx, { case: id }) => openFollowUps(ctx, String(id)))]

/** The same content-free notice as for a wave: whoever sees it learns nothing of which it is. */
const remind = handler("remind", (ctx, { partner }) => makeNotices(ctx, null, [String(partner)]))

/** Of what is owed of a case, whoever may see the case is told so. */
const remindOfReport = handler("remind", (ctx, { case: id, partner }) =>
    makeNotices(ctx, { case: String(id) }, [String(partner)]),
)

/**
 * A server that was out of reach says nothing about the partner; one that takes nothing for its address does. Of something
 * sealed, nobody is to see that there was a mail: the next that is not says the same of the address.
 */
const noteRejection = handler("note-bounce", async (ctx, { partner, person, rejected, sealed }) => {
    if (rejected === true && sealed !== true) await noteBounce(ctx, String(partner), String(person))
})

const attribute = handler("attribute", async (ctx, { evidence, what: subject }) => {
    if (subject === "leak") await attributeLeak(ctx, String(evidence))
})

/** Whoever keeps an embargo is told that something was said about it, and finds what in the portal. */
const notifyParties = handler("tell-parties", async (ctx, { case: id }) =>
    makeNotices(ctx, { case: String(id) }, await listenersOf(ctx, String(id))),
)

/** The waves move with publication; what was signed for later than they would now fall is void. */
const voidMoved = handler("void-exceeded", (ctx, { case: id }) =>
    voidExceededApprovals(ctx, { case: String(id), partner: null }, "release.publication_moved"),
)

/** A version that nobody has signed is not let out by a signature for another one, and no wave looks as if it were. */
const voidOutdated = handler("void-outdated", async (ctx, { case: id, artifact, version }) => {
    await voidExceededApprovals(ctx, { case: String(id), partner: null }, "release.artifact_changed")
    await voidOpenings(ctx, String(artifact), Number(version))
})

/** Back where it reaches cases, it is told of what was recalled in between. */
const notifyOfRecalls = handler("tell-of-recalls", (ctx, { partner }) => notifyHolderAgain(ctx, String(partner)))

/** Whoever holds what was recalled is told that there is something to see: the portal says what. */
const askToDelete = handler("ask-to-delete", (ctx, { recall }) => notifyHolders(ctx, String(recall)))

/** What was signed for what a case said before lets nothing out with what it says now. */
const voidRetold = handler("void-retold", (ctx, { case: id, revision }) =>
    voidRevised(ctx, String(id), Number(revision)),
)

/** What is available again would go out by waves that were signed without it. */
const voidWithout = handler("void-without", (ctx, { case: id }) =>
    voidExceededApprovals(ctx, { case: String(id), partner: null }, "release.recall_ended"),
)

/** Whoever has come to have more was not signed for; said of one partner, of one case, or of neither, it may be anyone. */
const voidWider = handler("void-wider", (ctx, { partner, case: id }) =>
    voidExceededApprovals(ctx, { case: wordOrNull(id), partner: wordOrNull(partner) }, "release.effects_changed"),
)

/** Voids signatures for a public text that denies exploitation reported since. Auditors read the code, so it names no report. */
const voidDenyingTexts = handler("void-exceeded", (ctx, { case: id }) =>
    voidExceededApprovals(ctx, { case: String(id), partner: null }, "release.effects_changed"),
)

/** What was decided about the older case carries over, to those that descend from it too. */
const voidLinked = handler("void-linked", (ctx) =>
    voidExceededApprovals(ctx, { case: null, partner: null }, "release.case_linked"),
)

const wordOrNull = (word: unknown): string | null => (typeof word === "string" ? word : null)

const onEmbargoMove = [notifyParties, voidMoved]

/** Whoever is asked to keep an embargo may say yes: what was signed without it falls now, and not by its yes. */
const onInvitation = [
    handler("tell-invited", async (ctx, { partner, case: id }) => {
        if (typeof partner === "string") await makeNotices(ctx, { case: String(id) }, [partner])
    }),
    handler("void-wider", async (ctx, { partner, case: id }) => {
        if (typeof partner === "string") {
            await voidExceededApprovals(ctx, { case: wordOrNull(id), partner }, "release.effects_changed")
        }
    }),
]

/** What was found outside speaks for an early end; a person decides. */
const proposeEnd = handler("propose-end", async (ctx, { case: id, what: subject }) => {
    const trigger = triggers.find((trigger) => trigger === subject)
    if (typeof id === "string" && trigger) await proposeTeardownIfSecret(ctx, id, trigger)
})

/** The operator has become aware of exploitation: what the law asks of it runs from now. */
const startByFiled = handler("start-clocks", (ctx, { evidence }) => startByEvidence(ctx, String(evidence)))

/** An archive is opened once, in a process apart, and what is in it is read as one leak. */
const open = handler("open-evidence", (ctx, { evidence }) => openEvidence(ctx, String(evidence)))

/** Whether it was filed before, or is public: whoever looks at the attribution has to know. */
const compare = handler("compare-evidence", async (ctx, { evidence, what: subject }) => {
    if (subject === "leak") await likenessOf(ctx, String(evidence))
})

const onEvidence = [open, compare, attribute, proposeEnd, startByFiled]

/** Whoever investigates finds it beside what people have filed. */
const onCanaryTouch = [
    handler("file-touch", (ctx, { touch }) => fileTouched(ctx, String(touch))),
    // Of a decoy, every investigator and admin is notified.
    handler("tell-operators", (ctx) => notifyStaffOfTasks(ctx)),
]

/** A partner that sees exploitation is heard once of a case; who took that back, again a day later. */
const proposeEndAsSeen = handler("propose-end", async (ctx, { case: id, partner, sightings }) => {
    const isFirst = await hearFirst(ctx, String(id), String(partner), sightings as readonly string[])
    if (isFirst) await proposeTeardownIfSecret(ctx, String(id), "exploitation")
})

/** A report marks its case at once; one that says otherwise, or is withdrawn, may leave none that does. */
const settleExploitation = handler("settle-exploitation", async (ctx, { case: id, partner }) => {
    await holdReports(ctx, String(partner))
    await settleExploited(ctx, String(id), async () => (await countingReports(ctx, String(id))).length > 0)
})

const onSighting = [
    settleExploitation,
    proposeEndAsSeen,
    handler("start-clocks", (ctx, { case: id, partner, sightings }) =>
        startBySightings(ctx, String(id), String(partner), sightings as readonly string[]),
    ),
]

/** A warning of which something was withdrawn, given back or superseded is looked at again by those who have it. */
const notifyRecipients = handler("tell-warned", (ctx, { case: id, recipients }) =>
    makeNotices(ctx, { case: String(id) }, recipients as readonly string[]),
)

/**
 * A key besides the first waits a day, so that the partner's other persons can object: they are told that there is
 * something to see.
 */
const notifyOfKey = handler("tell-of-key", async (ctx, { partner, first }) => {
    if (first !== true && reachesCases(await standingOf(ctx, String(partner)))) {
        await makeNotices(ctx, null, [String(partner)])
    }
})

/** It is called no more, and says so by the other way. */
const notifyOfWebhook = handler("tell-of-webhook", (ctx, { partner }) => noticeLeads(ctx, String(partner)))

/** Whoever accepted an older version is told of the newer one: accepted before it applies, it takes nothing away. */
const notifyOfAgreement = handler("tell-of-agreement", async (ctx, { version }) => {
    const latest = await latestAcceptances(ctx)
    const bound = (await partnerFactsAt(ctx, ctx.now)).filter(
        ({ partner, standing }) =>
            reachesCases(standing) && (latest.get(partner)?.version ?? Infinity) < Number(version),
    )
    const ids = bound.map(({ partner }) => partner)
    await makeNotices(ctx, null, ids)
})

/** The embargo has ended: the world is told, in every form at once. */
const publish = handler("publish", (ctx, { case: id }) => publishCase(ctx, String(id)))

/** What is public follows what two people corrected, and tells no more what was called back. */
const oweCorrection = handler("owe-advisory", (ctx, { case: id }) => oweAdvisory(ctx, String(id)))

/** What was refused before may be published by now: then there is nothing to correct yet. */
const publishOwed = handler("publish-owed", async (ctx, { case: id }) => {
    await publishCase(ctx, String(id))
    await correctAdvisory(ctx, String(id))
})

const onRecall = [askToDelete, oweCorrection]

/** Who did not want to hear of the products that it named before may want to hear of those that it names now. */
const tellAll = handler("tell-concerned", (ctx, { case: id }) => notifyConcerned(ctx, String(id)))

const onAmendment = [voidRetold, oweCorrection, tellAll]

const onLateRelease = [notifyRecipients, oweCorrection]

const onLift = [notifyRecipients, voidWithout, oweCorrection]

const onPolicyActivated = [handler("settle", (ctx) => settleByDuty(ctx)), voidWider]

/** Letters are read in every standing; by mail nobody is told of anything in one that reaches no cases. */
const notifyOfLetter = handler("tell-of-letter", async (ctx, { partner }) => {
    if (reachesCases(await standingOf(ctx, String(partner)))) await makeNotices(ctx, null, [String(partner)])
})

/** As for a letter, and by mail to leads alone, who alone answer; the record tells nobody who was asked. */
const notifyQuestioned = handler("tell-asked", async (ctx, { partner, question }) => {
    if (reachesCases(await standingOf(ctx, String(partner)))) await noticeLeads(ctx, String(partner), String(question))
})

/** Something has begun to wait for somebody of the operator: whoever may act is told, once. */
const notifyStaff = handler("tell-operators", (ctx) => notifyStaffOfTasks(ctx))

const notifyPartiesAndStaff = [notifyParties, notifyStaff]

/** Asked for and signed: the marks of what would be let out are found and committed to before it is. */
const opensWaves = ["wave.release", "wave.late_release", "embargo.terminate"]
const onApprovalRequest = [
    handler("commit-marks", async (ctx, { approval: id, act }) => {
        if (opensWaves.includes(String(act)))
            await commitMarks(ctx, (await approval(ctx, String(id))).effects.artifacts)
    }),
    notifyStaff,
]

/** Two people who may are behind what is asked for and signed, or it falls. What waited for this one waits for others. */
const onPersonLeft = [handler("void-orphaned", (ctx) => voidOrphaned(ctx)), notifyStaff]

export const eventHandlers: EventHandlers = {
    "artifact.versioned": [voidOutdated],
    "artifact.recalled": onRecall,
    "recall.lifted": onLift,
    "wave.released": onRelease,
    "wave.late_released": onLateRelease,
    "requirement.reminded": [remind],
    "follow_up.reminded": [remindOfReport],
    "notice.failed": [noteRejection],
    "evidence.added": onEvidence,
    "canary.touched": onCanaryTouch,
    "sighting.reported": onSighting,
    "sighting.withdrawn": [settleExploitation],
    "regulatory_clock.started": [notifyStaff],
    "regulatory_clock.corrected": [notifyStaff],
    "regulatory_clock.fix_reported": [notifyStaff],
    "filing.submitted": [notifyStaff],
    "filing.reopened": [notifyStaff],
    "consent.invited": onInvitation,
    "embargo.proposed": notifyPartiesAndStaff,
    "embargo.termination_proposed": notifyPartiesAndStaff,
    "embargo.rejected": [notifyParties],
    "embargo.agreed": onEmbargoMove,
    "embargo.moved": onEmbargoMove,
    "embargo.terminated": onEmbargoMove,
    "embargo.ended": [publish],
    "advisory.update_required": [publishOwed],
    "case.cancelled": [notifyParties],
    "case.withdrawal_announced": [notifyRecipients],
    "agreement.added": [notifyOfAgreement],
    "key.added": [notifyOfKey],
    "key.activated_early": [notifyOfKey],
    "mail_key.added": [notifyOfKey],
    "webhook.disabled": [notifyOfWebhook],
    "policy.activated": onPolicyActivated,
    "letter.sent": [notifyOfLetter],
    "question.asked": [notifyQuestioned],
    "question.answered": [notifyStaff],
    "question.expired": [notifyStaff],
    "approval.requested": onApprovalRequest,
    "approval.signed": onApprovalRequest,
    "approval.voided": [notifyStaff],
    "person.left": onPersonLeft,
    "person.roles_changed": onPersonLeft,
    "partner.added": [voidWider],
    "partner.status_changed": [voidWider, notifyOfRecalls],
    "partner.tier_changed": [voidWider],
    "partner.duties_set": [voidWider],
    "partner.restricted": [voidWider],
    "partner.restriction_lifted": [voidWider],
    "agreement.accepted": [voidWider],
    "consent.answered": [voidWider],
    "case.linked": [voidLinked],
    "case.exploitation_set": [voidDenyingTexts],
    "case.revised": onAmendment,
    "case.permission_set": [voidRetold],
    "measure.taken": [notifyStaff],
    "letter.answered": [notifyStaff],
    "procedure.appealed": [notifyStaff],
    "deputy.named": [notifyStaff],
    "artifact.read_limit_reached": [notifyStaff],
    "wave.frozen": [notifyStaff],
    "clock.distrusted": [notifyStaff],
}

/** Looked for by state, again and again: what is due falls, whatever was missed. */
export const jobs: readonly BackgroundJob[] = [
    watchClocksJob,
    releaseWavesJob,
    batchReceiptsJob,
    sequenceEventsJob,
    sendNoticesJob,
    callWebhooksJob,
    takeInTouchesJob,
    sendMailsJob,
    tending(percentAcknowledged),
    expireQuestionsJob,
    checkTasksJob,
    countAggregatesJob,
    trackFollowUpsJob,
    mailStaffJob,
    pruneChangesJob,
]
