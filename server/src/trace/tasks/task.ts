/**
 * Tasks of staff: a signature, a review, a decision, an answer to read. Each names the people who can act, its start,
 * its end, and the consequence of no action. Tasks are computed, not stored. Only notifications are stored.
 */
import { type Instant, dayMs, hourMs } from "@tocsin/base/instant"
import type { OperatorRole } from "../../kernel/actor.ts"
import { permissionByAction, hasPermission } from "../../kernel/permissions.ts"

export const taskKinds = [
    "overdue_release",
    "signature",
    "apply",
    "request_again",
    "review",
    "decision",
    "appeal",
    "answer",
    "question",
    "warning_question",
    "embargo",
    "tier",
    "application",
    "release",
    "release_again",
    "unfreeze",
    "clock",
    "recall",
    "filing",
    "mailbox",
    "staff_mailbox",
    "publication",
    "master_reads",
    "decoy",
] as const

/** The kind of a task. */
export type TaskKind = (typeof taskKinds)[number]

/** A task: something that needs a staff member. */
export interface Task {
    readonly kind: TaskKind
    /**
     * The id of the subject, such as an approval or a wave. Of a question, its inquiry and itself; of a filing, its
     * clock and itself.
     */
    readonly about: string
    /** The action of an approval; null for other kinds. */
    readonly action: string | null
    readonly partner: string | null
    readonly case: string | null
    readonly since: Instant
    /** When it expires or is overdue; null where it never does. */
    readonly until: Instant | null
    /** People who cannot act, such as the requester or earlier deciders. */
    readonly excluded: readonly string[]
    /** Members of a confidential matter; null for all with the role. */
    readonly onlyFor: readonly string[] | null
    /** The owner, whom a deputy can replace; null for all with the role, also where the owner cannot act. */
    readonly owner: string | null
    /** The obstacle, in one line; null where the kind explains it. */
    readonly reason: string | null
}

/** The fields that most kinds leave empty. */
export const taskDefaults = {
    action: null,
    partner: null,
    case: null,
    until: null,
    excluded: [],
    onlyFor: null,
    owner: null,
    reason: null,
}

interface Rule {
    /** Permissions of which one suffices to act; null for the permission to request the approval's action. */
    readonly permissions: readonly string[] | null
    readonly ifNoAction: string
    /** How long before its end people are notified again; null without an end. */
    readonly warnMs: number | null
}

const rules: Readonly<Record<TaskKind, Rule>> = {
    overdue_release: {
        permissions: ["wave:write"],
        ifNoAction: "the wave is not released: partners do not get what two people approved",
        warnMs: null,
    },
    signature: {
        permissions: ["approval:sign"],
        ifNoAction: "the request expires, and nothing happens without a new request",
        warnMs: 6 * hourMs,
    },
    apply: {
        permissions: null,
        ifNoAction: "the approval expires, and nothing happens without a new request",
        warnMs: dayMs,
    },
    request_again: {
        permissions: null,
        ifNoAction: "nothing happens: the requester or signer left or lost the role, and the approval is voided",
        warnMs: null,
    },
    review: {
        permissions: ["measure:decide"],
        ifNoAction: "the suspension stays until two people decide, and its review is overdue",
        warnMs: 3 * dayMs,
    },
    decision: {
        permissions: ["measure:decide"],
        ifNoAction: "there is no sanction until two people decide",
        warnMs: null,
    },
    appeal: {
        permissions: ["measure:decide"],
        ifNoAction: "the sanction stays until two other people decide",
        warnMs: null,
    },
    answer: { permissions: ["letter:mark_read"], ifNoAction: "the partner's answer stays unread", warnMs: null },
    question: {
        permissions: ["inquiry:read"],
        ifNoAction: "no member considers the partner's answer, or that it gave none",
        warnMs: null,
    },
    warning_question: {
        permissions: ["warning_question:answer"],
        ifNoAction: "the partner gets no answer",
        warnMs: null,
    },
    embargo: {
        permissions: ["case:write"],
        ifNoAction: "the proposal expires, and the agreed embargo stays",
        warnMs: 12 * hourMs,
    },
    tier: { permissions: ["partner:write"], ifNoAction: "the partner keeps its tier", warnMs: null },
    application: { permissions: ["partner:write"], ifNoAction: "the applicant stays an applicant", warnMs: null },
    release: {
        permissions: ["wave:write"],
        ifNoAction: "the wave is not released, and its recipients get nothing",
        warnMs: 6 * hourMs,
    },
    release_again: {
        permissions: ["wave:write", "approval:sign"],
        ifNoAction: "the wave is not released: its approval is voided, and it needs a new one",
        warnMs: dayMs,
    },
    unfreeze: {
        permissions: ["wave:write"],
        ifNoAction: "the wave stays frozen, and its recipients read nothing of it",
        warnMs: dayMs,
    },
    clock: {
        permissions: ["clock:confirm"],
        ifNoAction: "no wave is released until the clocks agree for a minute or, after a jump, two people confirm them",
        warnMs: null,
    },
    recall: {
        permissions: ["artifact:recall"],
        ifNoAction: "the partner keeps its copies of the recalled artifact",
        warnMs: null,
    },
    mailbox: {
        permissions: ["partner:write"],
        ifNoAction: "mail to the partner still goes to an address that seems to bounce",
        warnMs: null,
    },
    staff_mailbox: {
        permissions: ["partner:write", "staff:write"],
        ifNoAction: "mail to this person still goes to an address that seems to bounce",
        warnMs: null,
    },
    publication: {
        permissions: ["case:write"],
        ifNoAction: "the case is not published, or its published advisory is not corrected",
        warnMs: null,
    },
    master_reads: {
        permissions: ["partner:write"],
        ifNoAction: "no manager asks why this person read so many masters",
        warnMs: null,
    },
    decoy: {
        permissions: ["canary:read"],
        ifNoAction:
            "mark keys or their output may have leaked, because no partner has a decoy: any copy may be forged " +
            "until an investigator notes the cause",
        warnMs: null,
    },
    filing: {
        permissions: ["filing:write"],
        ifNoAction: "nothing is sent to the authority, and the filing is overdue",
        warnMs: 12 * hourMs,
    },
}

/** Returns what happens to a task of this kind without action. */
export const ifNoAction = (kind: TaskKind): string => rules[kind].ifNoAction

/** A staff member with roles, as tasks are assigned. */
export interface Person {
    readonly id: string
    readonly roles: readonly OperatorRole[]
}

/** Returns the key of a task, which is the same while it is open. */
export function keyOf({ kind, about, since, until }: Task): string {
    return `${kind} ${about} ${until ?? since}`
}

/** Tells whether this person could act, in its own roles. */
export function mayAct({ kind, action, excluded, onlyFor }: Task, { id, roles }: Person): boolean {
    if (excluded.includes(id) || !(onlyFor === null || onlyFor.includes(id))) return false
    const permissions = rules[kind].permissions ?? [permissionByAction[action ?? ""] ?? ""]
    return permissions.some((permission) => hasPermission({ kind: "operator", person: id, roles }, permission))
}

/** Gives a task to all with the role where its owner left or cannot act. */
export function withPresentOwner(task: Task, staff: readonly Person[]): Task {
    const owner = staff.find(({ id }) => id === task.owner)
    return owner && mayAct(task, owner) ? task : { ...task, owner: null }
}

/** Tells whether a task is this person's: shared, own, or of a person that it stands in for. */
export function isTaskOf(task: Task, person: Person, represented: readonly string[]): boolean {
    if (!mayAct(task, person)) return false
    return task.owner === null || task.owner === person.id || represented.includes(task.owner)
}

/** Steps at which a person is notified, once each. */
export type NoticeStep = "opened" | "due_soon" | "overdue"

/** Lists the steps that a task has reached. */
export function noticeStepsOf({ kind, until }: Task, now: Instant): NoticeStep[] {
    const { warnMs } = rules[kind]
    if (until === null || warnMs === null || now < until - warnMs) return ["opened"]
    return now < until ? ["opened", "due_soon"] : ["opened", "due_soon", "overdue"]
}

/** Sorts tasks: overdue releases, then the earliest expiry, then the longest wait. */
export function byUrgency(a: Task, b: Task): number {
    const overdue = Number(b.kind === "overdue_release") - Number(a.kind === "overdue_release")
    return overdue || (a.until ?? Infinity) - (b.until ?? Infinity) || a.since - b.since
}

/** Returns the last series of sorted instants without such a gap, or null. */
export function lastSeries(
    instants: readonly Instant[],
    gapMs: number,
): { readonly since: Instant; readonly until: Instant } | null {
    const until = instants.at(-1)
    if (until === undefined) return null
    let since = until
    for (const at of instants.toReversed()) {
        if (since - at >= gapMs) break
        since = at
    }
    return { since, until }
}
