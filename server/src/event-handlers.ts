/**
 * Maps each recorded event to its handlers, and lists the background jobs. Everything that Tocsin does automatically
 * is here.
 *
 * Forward by event: a handler runs in the transaction that completes its pending event, so nothing happens unrecorded
 * and no recorded event is lost. Backward by data: a measure writes the partner's status, and the next entitlement
 * reads it.
 */
import { sequenceEventsJob } from "./trust/audit-log/actions/sequence-leaves.ts"
import type { ActionContext } from "./kernel/action-context.ts"
import { pruneChangesJob } from "./kernel/change-detection.ts"
import type { BackgroundJob, EventHandlers, EventHandler } from "./kernel/worker.ts"
import { percentAcknowledged } from "./share/delivery/actions/rate-acknowledgements.ts"
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

/** Makes an event handler that acts as the system. The audit log names it as `step`. */
function handler(
    name: string,
    work: (ctx: ActionContext, body: Readonly<Record<string, unknown>>) => Promise<void>,
): EventHandler {
    return (tx, event, now, services) => work({ tx, now, services, actor: { kind: "system", step: name } }, event.body)
}

const notify = handler("notify", async (ctx, { case: id, wave, recipients }) => {
    await notifyOfWave(ctx, { case: String(id), wave: String(wave) }, recipients as readonly string[])
})

/** Each recipient of a wave must report what it observes after the release. */
const onRelease = [notify, handler("owe", (ctx, { case: id }) => openFollowUps(ctx, String(id)))]

/** Sends the same notice without content as for a wave, so the mail does not show what is overdue. */
const remind = handler("remind", (ctx, { partner }) => makeNotices(ctx, null, [String(partner)]))

/** Reminds of an overdue follow-up. Only people with access to the case get the notice. */
const remindOfReport = handler("remind", (ctx, { case: id, partner }) =>
    makeNotices(ctx, { case: String(id) }, [String(partner)]),
)

/**
 * Notes a mailbox bounce where the mail server rejected the address. An unreachable server says nothing about the
 * address.
 *
 * A confidential mail is left out, because the bounce would show that the mail existed. The next mail that is not
 * confidential shows the same.
 */
const noteRejection = handler("note-bounce", async (ctx, { partner, person, rejected, sealed }) => {
    if (rejected === true && sealed !== true) await noteBounce(ctx, String(partner), String(person))
})

const attribute = handler("attribute", async (ctx, { evidence, what: subject }) => {
    if (subject === "leak") await attributeLeak(ctx, String(evidence))
})

/** Notifies the signatories of an embargo that there is something to see in the portal. */
const notifyParties = handler("tell-parties", async (ctx, { case: id }) =>
    makeNotices(ctx, { case: String(id) }, await listenersOf(ctx, String(id))),
)

/** The waves move with publication. Voids approvals that were signed for a later release than the present one. */
const voidMoved = handler("void-exceeded", (ctx, { case: id }) =>
    voidExceededApprovals(ctx, { case: String(id), partner: null }, "release.publication_moved"),
)

/** A signature covers one version. Voids approvals of the older version and closes the version that is open. */
const voidOutdated = handler("void-outdated", async (ctx, { case: id, artifact, version }) => {
    await voidExceededApprovals(ctx, { case: String(id), partner: null }, "release.artifact_changed")
    await voidOpenings(ctx, String(artifact), Number(version))
})

/** A partner that has case access again is notified of recalls from the time without access. */
const notifyOfRecalls = handler("tell-of-recalls", (ctx, { partner }) => notifyHolderAgain(ctx, String(partner)))

/** Notifies the holders of a recalled artifact. The notice has no content: the portal shows the recall. */
const askToDelete = handler("ask-to-delete", (ctx, { recall }) => notifyHolders(ctx, String(recall)))

/** Voids approvals that were signed for earlier disclosed facts of the case. */
const voidRetold = handler("void-retold", (ctx, { case: id, revision }) =>
    voidRevised(ctx, String(id), Number(revision)),
)

/** A lifted recall makes the artifact available again. Voids approvals that were signed without it. */
const voidWithout = handler("void-without", (ctx, { case: id }) =>
    voidExceededApprovals(ctx, { case: String(id), partner: null }, "release.recall_ended"),
)

/** Voids approvals that new access exceeds: of one partner, of one case, or of all. */
const voidWider = handler("void-wider", (ctx, { partner, case: id }) =>
    voidExceededApprovals(ctx, { case: wordOrNull(id), partner: wordOrNull(partner) }, "release.effects_changed"),
)

/**
 * Voids signatures for a public text that denies exploitation reported since. Auditors read the code, so it names no
 * report.
 */
const voidDenyingTexts = handler("void-exceeded", (ctx, { case: id }) =>
    voidExceededApprovals(ctx, { case: String(id), partner: null }, "release.effects_changed"),
)

/**
 * A link gives a case the decisions about the older case, and so do links to the linked case. Voids approvals of any
 * case.
 */
const voidLinked = handler("void-linked", (ctx) =>
    voidExceededApprovals(ctx, { case: null, partner: null }, "release.case_linked"),
)

const wordOrNull = (word: unknown): string | null => (typeof word === "string" ? word : null)

const onEmbargoMove = [notifyParties, voidMoved]

/**
 * An invited partner can accept the embargo. Approvals signed without this partner are voided now, not when it
 * accepts.
 */
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

/** Proposes to terminate the embargo after evidence from outside. A person decides. */
const proposeEnd = handler("propose-end", async (ctx, { case: id, what: subject }) => {
    const trigger = triggers.find((trigger) => trigger === subject)
    if (typeof id === "string" && trigger) await proposeTeardownIfSecret(ctx, id, trigger)
})

/** Starts the regulatory clocks: the operator knows of exploitation from now on. */
const startByFiled = handler("start-clocks", (ctx, { evidence }) => startByEvidence(ctx, String(evidence)))

/** Extracts an archive once, in a subprocess. All of its contents count as one leak. */
const open = handler("open-evidence", (ctx, { evidence }) => openEvidence(ctx, String(evidence)))

/** Compares a leak with earlier evidence and published texts. Investigators need this to read the attribution. */
const compare = handler("compare-evidence", async (ctx, { evidence, what: subject }) => {
    if (subject === "leak") await likenessOf(ctx, String(evidence))
})

const onEvidence = [open, compare, attribute, proposeEnd, startByFiled]

/** Adds a touched canary to the evidence, next to what people added. */
const onCanaryTouch = [
    handler("file-touch", (ctx, { touch }) => fileTouched(ctx, String(touch))),
    // A touched decoy notifies every investigator and admin.
    handler("tell-operators", (ctx) => notifyStaffOfTasks(ctx)),
]

/**
 * Proposes termination once for each partner and case. A partner that withdrew its report can propose again a day
 * later.
 */
const proposeEndAsSeen = handler("propose-end", async (ctx, { case: id, partner, sightings }) => {
    const isFirst = await hearFirst(ctx, String(id), String(partner), sightings as readonly string[])
    if (isFirst) await proposeTeardownIfSecret(ctx, String(id), "exploitation")
})

/**
 * Updates whether a case is exploited. A report sets this at once; a contrary or withdrawn report can leave no report
 * that counts.
 */
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

/** Notifies the recipients of a warning after a withdrawal, a lifted recall or a late release. */
const notifyRecipients = handler("tell-warned", (ctx, { case: id, recipients }) =>
    makeNotices(ctx, { case: String(id) }, recipients as readonly string[]),
)

/** A second key waits a day before it counts. Notifies the partner's other people, so that they can object. */
const notifyOfKey = handler("tell-of-key", async (ctx, { partner, first }) => {
    if (first !== true && reachesCases(await standingOf(ctx, String(partner)))) {
        await makeNotices(ctx, null, [String(partner)])
    }
})

/** A disabled webhook is called no longer. Its partner's leads get a mail instead. */
const notifyOfWebhook = handler("tell-of-webhook", (ctx, { partner }) => noticeLeads(ctx, String(partner)))

/** Notifies partners that accepted an older version. Accepted in time, the new version interrupts no access. */
const notifyOfAgreement = handler("tell-of-agreement", async (ctx, { version }) => {
    const latest = await latestAcceptances(ctx)
    const bound = (await partnerFactsAt(ctx, ctx.now)).filter(
        ({ partner, standing }) =>
            reachesCases(standing) && (latest.get(partner)?.version ?? Infinity) < Number(version),
    )
    const ids = bound.map(({ partner }) => partner)
    await makeNotices(ctx, null, ids)
})

/** Publishes the case in every format at once when its embargo ends. */
const publish = handler("publish", (ctx, { case: id }) => publishCase(ctx, String(id)))

/** Two people corrected the case or recalled an artifact, so its public advisory needs an update. */
const oweCorrection = handler("owe-advisory", (ctx, { case: id }) => oweAdvisory(ctx, String(id)))

/** Publishes a case whose publication was refused before. If it is published already, corrects the advisory. */
const publishOwed = handler("publish-owed", async (ctx, { case: id }) => {
    await publishCase(ctx, String(id))
    await correctAdvisory(ctx, String(id))
})

const onRecall = [askToDelete, oweCorrection]

/**
 * A notice filter can exclude the former products of a case and include the new ones. Notifies the partners that it
 * now includes.
 */
const tellAll = handler("tell-concerned", (ctx, { case: id }) => notifyConcerned(ctx, String(id)))

const onAmendment = [voidRetold, oweCorrection, tellAll]

const onLateRelease = [notifyRecipients, oweCorrection]

const onLift = [notifyRecipients, voidWithout, oweCorrection]

const onPolicyActivated = [handler("settle", (ctx) => settleByDuty(ctx)), voidWider]

/** A partner reads letters in every status. Only a partner with case access gets a notice by mail. */
const notifyOfLetter = handler("tell-of-letter", async (ctx, { partner }) => {
    if (reachesCases(await standingOf(ctx, String(partner)))) await makeNotices(ctx, null, [String(partner)])
})

/** Notifies the leads of a question, because only leads answer. The audit log does not name the notified people. */
const notifyQuestioned = handler("tell-asked", async (ctx, { partner, question }) => {
    if (reachesCases(await standingOf(ctx, String(partner)))) await noticeLeads(ctx, String(partner), String(question))
})

/** Notifies staff of a new task, each person once. */
const notifyStaff = handler("tell-operators", (ctx) => notifyStaffOfTasks(ctx))

const notifyPartiesAndStaff = [notifyParties, notifyStaff]

/** Actions that release content. Its marks are generated and committed to before the release. */
const opensWaves = ["wave.release", "wave.late_release", "embargo.terminate"]
const onApprovalRequest = [
    handler("commit-marks", async (ctx, { approval: id, act }) => {
        if (opensWaves.includes(String(act)))
            await commitMarks(ctx, (await approval(ctx, String(id))).effects.artifacts)
    }),
    notifyStaff,
]

/**
 * An approval needs two people with the permission. Voids approvals of a person who left, and notifies others of that
 * person's tasks.
 */
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

/** Background jobs look for work by state. Work that was missed while no worker ran is done later. */
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
