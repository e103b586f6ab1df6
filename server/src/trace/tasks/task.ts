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
    "refused_removal",
    "lone_lead",
    "key",
    "publication",
    "master_reads",
    "decoy",
    "backup",
    "witnesses",
] as const

/** The kind of a task. */
export type TaskKind = (typeof taskKinds)[number]

export const taskReasonCodes = [
    "quarantine",
    "clocks_distrusted",
    "release_fails",
    "worker_never_ran",
    "worker_late",
    "advisory_refused",
    "advisory_valid_again",
    "master_limit",
] as const

/** The code of an obstacle. */
export type TaskReasonCode = (typeof taskReasonCodes)[number]

/** The obstacle of a task. */
export interface TaskReason {
    readonly code: TaskReasonCode
    /** The last release of a late worker. */
    readonly lastSuccess?: Instant
    /** The class whose hourly limit was reached. */
    readonly class?: string
    /** The faults of a refused advisory, as the tests word them, and the number of faults. */
    readonly faults?: readonly string[]
    readonly faultCount?: number
}

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
    /** The obstacle; null where the kind explains it. */
    readonly reason: TaskReason | null
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
    /** How long before its end people are notified again; null without an end. */
    readonly warnMs: number | null
}

const rules: Readonly<Record<TaskKind, Rule>> = {
    overdue_release: {
        permissions: ["wave:write"],
        warnMs: null,
    },
    signature: {
        permissions: ["approval:sign"],
        warnMs: 6 * hourMs,
    },
    apply: {
        permissions: null,
        warnMs: dayMs,
    },
    request_again: {
        permissions: null,
        warnMs: null,
    },
    review: {
        permissions: ["measure:decide"],
        warnMs: 3 * dayMs,
    },
    decision: {
        permissions: ["measure:decide"],
        warnMs: null,
    },
    appeal: {
        permissions: ["measure:decide"],
        warnMs: null,
    },
    answer: { permissions: ["letter:mark_read"], warnMs: null },
    question: {
        permissions: ["inquiry:read"],
        warnMs: null,
    },
    warning_question: {
        permissions: ["warning_question:answer"],
        warnMs: null,
    },
    embargo: {
        permissions: ["case:write"],
        warnMs: 12 * hourMs,
    },
    tier: { permissions: ["partner:write"], warnMs: null },
    application: { permissions: ["partner:write"], warnMs: 3 * dayMs },
    release: {
        permissions: ["wave:write"],
        warnMs: 6 * hourMs,
    },
    release_again: {
        permissions: ["wave:write", "approval:sign"],
        warnMs: dayMs,
    },
    unfreeze: {
        permissions: ["wave:write"],
        warnMs: dayMs,
    },
    clock: {
        permissions: ["clock:confirm"],
        warnMs: null,
    },
    recall: {
        permissions: ["artifact:recall"],
        warnMs: null,
    },
    mailbox: {
        permissions: ["partner:write"],
        warnMs: null,
    },
    staff_mailbox: {
        permissions: ["partner:write", "staff:write"],
        warnMs: null,
    },
    refused_removal: {
        permissions: ["staff:write", "partner:write"],
        warnMs: null,
    },
    lone_lead: {
        permissions: ["partner:write"],
        warnMs: null,
    },
    key: { permissions: ["partner:write"], warnMs: null },
    publication: {
        permissions: ["case:write"],
        warnMs: null,
    },
    master_reads: {
        permissions: ["partner:write"],
        warnMs: null,
    },
    decoy: {
        permissions: ["canary:read"],
        warnMs: null,
    },
    backup: { permissions: ["server_key:read"], warnMs: null },
    witnesses: { permissions: ["server_key:read"], warnMs: null },
    filing: {
        permissions: ["filing:write"],
        warnMs: 12 * hourMs,
    },
}

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
