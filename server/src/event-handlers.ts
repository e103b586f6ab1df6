/**
 * Maps each recorded event to its handlers. What Tocsin does automatically is here and in background-jobs.ts.
 *
 * Forward by event: a handler runs in the transaction that completes its pending event, so nothing happens unrecorded
 * and no recorded event is lost. Backward by data: a measure writes the partner's status, and the next entitlement
 * reads it.
 */
import type { ActionContext } from "./kernel/action-context.ts"
import type { EventHandlers, EventHandler } from "./kernel/worker.ts"
import { notifyOfWave } from "./share/delivery/notices/actions/filter-notices.ts"
import { createNotices, notifyLeads } from "./share/delivery/notices/actions/create-notices.ts"
import { notifyReturningHolder, notifyHolders } from "./share/delivery/recalls/actions/notify-holders.ts"
import { notifyNewlyMatching } from "./share/delivery/notices/actions/resend-notices.ts"
import { listLatestAcceptances } from "./trust/partners/agreements/actions/accept-agreement.ts"
import { queueMail } from "./trust/identity/account-mail/actions/send-sign-in-link.ts"
import { recordBounce } from "./trust/partners/roster/actions/verify-mailbox.ts"
import { listPartnerFacts, loadPartnerStatus } from "./trust/partners/actions/load-facts.ts"
import { hasCaseAccess } from "./trust/partners/partner.ts"
import { loadApproval } from "./trust/approvals/actions/load-approvals.ts"
import { voidOrphaned } from "./trust/approvals/actions/void-approvals.ts"
import { listInformedPartners } from "./share/cases/actions/answer-invitation.ts"
import { updateExploited } from "./share/cases/actions/mark-exploited.ts"
import { proposeTerminationIfRunning } from "./share/cases/actions/negotiate-embargo.ts"
import { triggers } from "./share/cases/embargo.ts"
import { commitMarks } from "./share/marking/actions/commit-marks.ts"
import { correctAdvisory, queueAdvisoryUpdate, publishCase } from "./share/publication/actions/publish-case.ts"
import { notifyOfAnswer } from "./share/questions/actions/notify-of-answer.ts"
import type { Audience } from "./share/questions/question.ts"
import {
    voidExceededApprovals,
    voidOutdatedReleases,
    voidRevisedApprovals,
} from "./share/release/actions/void-approvals.ts"
import { attributeLeak } from "./trace/attribution/actions/attribute-leak.ts"
import { openFollowUps } from "./trace/sightings/actions/track-follow-ups.ts"
import { startClocksByEvidence, startClocksBySightings } from "./trace/regulatory-clocks/actions/start-clocks.ts"
import { listCountingReports } from "./trace/evidence/actions/dismiss-reports.ts"
import { findSimilarEvidence } from "./trace/evidence/actions/find-similar.ts"
import { extractArchive } from "./trace/evidence/actions/read-evidence.ts"
import { addTouchedCanary } from "./trace/evidence/actions/add-touched-canary.ts"
import { markReportsCounted, lockReports } from "./trace/sightings/actions/report-sighting.ts"
import { endOutdatedDutyRestrictions } from "./trace/measures/actions/restore-access.ts"
import { notifyStaffOfTasks } from "./trace/tasks/actions/notify-staff.ts"

/** Makes an event handler that acts as the system. The audit log names it as `step`. */
function handler(
    name: string,
    work: (ctx: ActionContext, body: Readonly<Record<string, unknown>>) => Promise<void>,
): EventHandler {
    return (tx, event, now, services) =>
        work({ tx, now, services, actor: { kind: "system", component: name } }, event.body)
}

const notifyOfRelease = handler("notify-of-release", async (ctx, { case: id, wave, recipients }) => {
    await notifyOfWave(ctx, { case: String(id), wave: String(wave) }, recipients as readonly string[])
})

/** Each recipient of a wave must report what it observes after the release. */
const onRelease = [notifyOfRelease, handler("open-follow-ups", (ctx, { case: id }) => openFollowUps(ctx, String(id)))]

/** Sends the same notice without content as for a wave, so that the mail does not show the overdue requirement. */
const remindPartner = handler("send-reminder", (ctx, { partner }) => createNotices(ctx, null, [String(partner)]))

/** Reminds of an overdue follow-up. Only people with access to the case get the notice. */
const remindOfFollowUp = handler("send-reminder", (ctx, { case: id, partner }) =>
    createNotices(ctx, { case: String(id) }, [String(partner)]),
)

/**
 * Notes a mailbox bounce where the mail server rejected the address. An unreachable server says nothing about the
 * address.
 *
 * A confidential mail is left out, because the bounce would show that the mail existed. The next mail that is not
 * confidential shows the same.
 */
const noteRejection = handler("note-bounce", async (ctx, { partner, person, rejected, confidential }) => {
    if (rejected === true && confidential !== true) await recordBounce(ctx, String(partner), String(person))
})

const attributeLeakEvidence = handler("attribute-leak", async (ctx, { evidence, evidenceKind: kind }) => {
    if (kind === "leak") await attributeLeak(ctx, String(evidence))
})

/** Notifies the signatories of an embargo that there is something to see in the portal. */
const notifyParties = handler("notify-parties", async (ctx, { case: id }) =>
    createNotices(ctx, { case: String(id) }, await listInformedPartners(ctx, String(id))),
)

/** The waves move with publication. Voids approvals that were signed for a later release than the present one. */
const voidMoved = handler("void-exceeded", (ctx, { case: id }) =>
    voidExceededApprovals(ctx, { case: String(id), partner: null }, "release.publication_moved"),
)

/** A signature covers one version. Voids approvals of the older version and closes the version that is open. */
const voidOutdated = handler("void-outdated", async (ctx, { case: id, artifact, version }) => {
    await voidExceededApprovals(ctx, { case: String(id), partner: null }, "release.artifact_changed")
    await voidOutdatedReleases(ctx, String(artifact), Number(version))
})

/** A partner that has case access again is notified of recalls from the time without access. */
const notifyOfRecalls = handler("notify-of-recalls", (ctx, { partner }) => notifyReturningHolder(ctx, String(partner)))

/** Notifies the holders of a recalled artifact. The notice has no content: the portal shows the recall. */
const askToDelete = handler("notify-holders", (ctx, { recall }) => notifyHolders(ctx, String(recall)))

/** Voids approvals that were signed for earlier disclosed facts of the case. */
const voidAmended = handler("void-amended", (ctx, { case: id, revision }) =>
    voidRevisedApprovals(ctx, String(id), Number(revision)),
)

/** A lifted recall makes the artifact available again. Voids approvals that were signed without it. */
const voidAfterLift = handler("void-after-lift", (ctx, { case: id }) =>
    voidExceededApprovals(ctx, { case: String(id), partner: null }, "release.recall_ended"),
)

/** Voids approvals that new access exceeds: of one partner, of one case, or of all. */
const voidExceeded = handler("void-exceeded", (ctx, { partner, case: id }) =>
    voidExceededApprovals(ctx, { case: textOrNull(id), partner: textOrNull(partner) }, "release.effects_changed"),
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

const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null)

const onEmbargoChange = [notifyParties, voidMoved]

/**
 * An invited partner can accept the embargo. Approvals signed without this partner are voided now, not when it
 * accepts.
 */
const onInvitation = [
    handler("notify-invited", async (ctx, { partner, case: id }) => {
        if (typeof partner === "string") await createNotices(ctx, { case: String(id) }, [partner])
    }),
    handler("void-exceeded", async (ctx, { partner, case: id }) => {
        if (typeof partner === "string") {
            await voidExceededApprovals(ctx, { case: textOrNull(id), partner }, "release.effects_changed")
        }
    }),
]

/** Proposes to terminate the embargo after evidence from outside. A person decides. */
const proposeTermination = handler("propose-termination", async (ctx, { case: id, evidenceKind: kind }) => {
    const trigger = triggers.find((trigger) => trigger === kind)
    if (typeof id === "string" && trigger) await proposeTerminationIfRunning(ctx, id, trigger)
})

/** Starts the regulatory clocks: the operator knows of exploitation from now on. */
const startClocksOnEvidence = handler("start-clocks", (ctx, { evidence }) =>
    startClocksByEvidence(ctx, String(evidence)),
)

/** Extracts an archive once, in a subprocess. All of its contents count as one leak. */
const openArchive = handler("extract-archive", (ctx, { evidence }) => extractArchive(ctx, String(evidence)))

/** Compares a leak with earlier evidence and published texts. Investigators need this to read the attribution. */
const compareLeak = handler("compare-leak", async (ctx, { evidence, evidenceKind: kind }) => {
    if (kind === "leak") await findSimilarEvidence(ctx, String(evidence))
})

const onEvidence = [openArchive, compareLeak, attributeLeakEvidence, proposeTermination, startClocksOnEvidence]

/** Adds a touched canary to the evidence, next to what people added. */
const onCanaryTouch = [
    handler("add-touched-canary", (ctx, { touch }) => addTouchedCanary(ctx, String(touch))),
    // A touched decoy notifies every investigator and admin.
    handler("notify-staff", (ctx) => notifyStaffOfTasks(ctx)),
]

/**
 * Proposes termination once for each partner and case. A partner that withdrew its report can propose again a day
 * later.
 */
const proposeTerminationOnSighting = handler("propose-termination", async (ctx, { case: id, partner, sightings }) => {
    const isFirst = await markReportsCounted(ctx, String(id), String(partner), sightings as readonly string[])
    if (isFirst) await proposeTerminationIfRunning(ctx, String(id), "exploitation")
})

/**
 * Updates whether a case is exploited. A report sets this at once; a contrary or withdrawn report can leave no report
 * that counts.
 */
const updateExploitation = handler("update-exploitation", async (ctx, { case: id, partner }) => {
    await lockReports(ctx, String(partner))
    await updateExploited(ctx, String(id), async () => (await listCountingReports(ctx, String(id))).length > 0)
})

const onSighting = [
    updateExploitation,
    proposeTerminationOnSighting,
    handler("start-clocks", (ctx, { case: id, partner, sightings }) =>
        startClocksBySightings(ctx, String(id), String(partner), sightings as readonly string[]),
    ),
]

/** Notifies the recipients of a warning after a withdrawal, a lifted recall or a late release. */
const notifyRecipients = handler("notify-recipients", (ctx, { case: id, recipients }) =>
    createNotices(ctx, { case: String(id) }, recipients as readonly string[]),
)

/**
 * Notifies the partner's people of each change of its keys, so that they can object. A first key from before the
 * admission needs no notice: two staff members sign it.
 */
const notifyOfKey = handler("notify-of-key", async (ctx, { partner, first, admitted }) => {
    if ((first !== true || admitted === true) && hasCaseAccess(await loadPartnerStatus(ctx, String(partner)))) {
        await createNotices(ctx, null, [String(partner)])
    }
})

/** A disabled webhook is called no longer. Its partner's leads get a mail instead. */
const notifyOfWebhook = handler("notify-of-webhook", (ctx, { partner }) => notifyLeads(ctx, String(partner)))

/** Notifies partners that accepted an older version. Accepted in time, the new version interrupts no access. */
const notifyOfAgreement = handler("notify-of-agreement", async (ctx, { version }) => {
    const latest = await listLatestAcceptances(ctx)
    const bound = (await listPartnerFacts(ctx, ctx.now)).filter(
        ({ partner, status }) => hasCaseAccess(status) && (latest.get(partner)?.version ?? Infinity) < Number(version),
    )
    const ids = bound.map(({ partner }) => partner)
    await createNotices(ctx, null, ids)
})

/** Publishes the case in every format at once when its embargo ends. */
const publishAtEnd = handler("publish", (ctx, { case: id }) => publishCase(ctx, String(id)))

/** Two people corrected the case or recalled an artifact, so its public advisory needs an update. */
const requireAdvisoryUpdate = handler("require-advisory-update", (ctx, { case: id }) =>
    queueAdvisoryUpdate(ctx, String(id)),
)

/** Publishes a case whose publication was refused before. If it is published already, corrects the advisory. */
const publishOrCorrect = handler("publish-or-correct", async (ctx, { case: id }) => {
    await publishCase(ctx, String(id))
    await correctAdvisory(ctx, String(id))
})

const onRecall = [askToDelete, requireAdvisoryUpdate]

/**
 * A notice filter can exclude the former products of a case and include the new ones. Notifies the partners that it
 * now includes.
 */
const notifyConcernedPartners = handler("notify-concerned", (ctx, { case: id }) => notifyNewlyMatching(ctx, String(id)))

const onAmendment = [voidAmended, requireAdvisoryUpdate, notifyConcernedPartners]

const onLateRelease = [notifyRecipients, requireAdvisoryUpdate]

const onLift = [notifyRecipients, voidAfterLift, requireAdvisoryUpdate]

const onPolicyActivated = [
    handler("end-outdated-restrictions", (ctx) => endOutdatedDutyRestrictions(ctx)),
    voidExceeded,
]

/** A partner reads letters in every status. Only a partner with case access gets a notice by mail. */
const notifyOfLetter = handler("notify-of-letter", async (ctx, { partner }) => {
    if (hasCaseAccess(await loadPartnerStatus(ctx, String(partner)))) await createNotices(ctx, null, [String(partner)])
})

/** Notifies the people who can read the answer to a question about a warning. */
const notifyOfReply = handler("notify-of-answer", (ctx, { case: id, partner, audience }) =>
    notifyOfAnswer(ctx, { case: String(id), partner: String(partner), audience: audience as Audience }),
)

/** Notifies the leads of a question, because only leads answer. The audit log does not name the notified people. */
const notifyQuestioned = handler("notify-questioned", async (ctx, { partner, question }) => {
    if (hasCaseAccess(await loadPartnerStatus(ctx, String(partner))))
        await notifyLeads(ctx, String(partner), String(question))
})

/** Notifies staff of a new task, each person once. */
const notifyStaff = handler("notify-staff", (ctx) => notifyStaffOfTasks(ctx))

const notifyPartiesAndStaff = [notifyParties, notifyStaff]

/** Actions that release content. Its marks are generated and committed to before the release. */
const releasingActions = ["wave.release", "wave.late_release", "embargo.terminate"]
const onApprovalRequest = [
    handler("commit-marks", async (ctx, { approval: id, action }) => {
        if (releasingActions.includes(String(action)))
            await commitMarks(ctx, (await loadApproval(ctx, String(id))).effects.artifacts)
    }),
    notifyStaff,
]

/**
 * An approval needs two people with the permission. Voids approvals of a person who left, and notifies others of that
 * person's tasks.
 */
const onPersonLeft = [handler("void-orphaned", (ctx) => voidOrphaned(ctx)), notifyStaff]

/** Notifies a person of each change of the ways to sign in, because another person may have made it. */
const notifyOfPasskey = handler("notify-of-passkey", (ctx, { person }) =>
    queueMail(ctx, String(person), "passkey_added"),
)
const notifyOfConnection = handler("notify-of-connection", (ctx, { person }) =>
    queueMail(ctx, String(person), "account_connected"),
)
/** A new link or an admission by staff ends the account too, and has a mail of its own. */
const notifyOfDisconnection = handler("notify-of-disconnection", async (ctx, { person, by }) => {
    if (by === person) await queueMail(ctx, String(person), "account_disconnected")
})

export const eventHandlers: EventHandlers = {
    "passkey.added": [notifyOfPasskey],
    "person.removal_refused": [notifyStaff],
    "identity.connected": [notifyOfConnection],
    "identity.disconnected": [notifyOfDisconnection],
    "artifact.versioned": [voidOutdated],
    "artifact.recalled": onRecall,
    "recall.lifted": onLift,
    "wave.released": onRelease,
    "wave.late_released": onLateRelease,
    "requirement.reminded": [remindPartner],
    "follow_up.reminded": [remindOfFollowUp],
    "notice.failed": [noteRejection],
    "evidence.added": onEvidence,
    "canary.touched": onCanaryTouch,
    "sighting.reported": onSighting,
    "sighting.withdrawn": [updateExploitation],
    "regulatory_clock.started": [notifyStaff],
    "regulatory_clock.corrected": [notifyStaff],
    "regulatory_clock.fix_reported": [notifyStaff],
    "filing.submitted": [notifyStaff],
    "filing.reopened": [notifyStaff],
    "consent.invited": onInvitation,
    "embargo.proposed": notifyPartiesAndStaff,
    "embargo.termination_proposed": notifyPartiesAndStaff,
    "embargo.rejected": [notifyParties],
    "embargo.agreed": onEmbargoChange,
    "embargo.moved": onEmbargoChange,
    "embargo.terminated": onEmbargoChange,
    "embargo.ended": [publishAtEnd],
    "advisory.update_required": [publishOrCorrect],
    "case.cancelled": [notifyParties],
    "case.withdrawal_announced": [notifyRecipients],
    "agreement.added": [notifyOfAgreement],
    "key.accepted": [notifyOfKey],
    "key.added": [notifyOfKey],
    "key.confirmed": [notifyOfKey],
    "key.revoked": [notifyOfKey],
    "mail_key.added": [notifyOfKey],
    "webhook.disabled": [notifyOfWebhook],
    "policy.activated": onPolicyActivated,
    "letter.sent": [notifyOfLetter],
    "warning_question.answered": [notifyOfReply],
    "question.asked": [notifyQuestioned],
    "question.answered": [notifyStaff],
    "question.expired": [notifyStaff],
    "approval.requested": onApprovalRequest,
    "approval.signed": onApprovalRequest,
    "approval.voided": [notifyStaff],
    "person.left": onPersonLeft,
    "person.roles_changed": onPersonLeft,
    "partner.added": [voidExceeded],
    "partner.status_changed": [voidExceeded, notifyOfRecalls],
    "partner.tier_changed": [voidExceeded],
    "partner.duties_set": [voidExceeded],
    "partner.restricted": [voidExceeded],
    "partner.restriction_lifted": [voidExceeded],
    "agreement.accepted": [voidExceeded],
    "consent.answered": [voidExceeded],
    "case.linked": [voidLinked],
    "case.exploitation_set": [voidDenyingTexts],
    "case.revised": onAmendment,
    "case.permission_set": [voidAmended],
    "measure.taken": [notifyStaff],
    "letter.answered": [notifyStaff],
    "procedure.appealed": [notifyStaff],
    "deputy.named": [notifyStaff],
    "artifact.read_limit_reached": [notifyStaff],
    "wave.frozen": [notifyStaff],
    "clock.distrusted": [notifyStaff],
}
