/**
 * Notifies staff by mail of new tasks, and again before they expire. The mail is always the same and names no task. An
 * event handler notifies of new tasks at once; a background job checks tasks that depend on time once an hour of
 * program time. A person is notified of a task once when it is new and once before it expires.
 */
import { type Instant, hourMs } from "@tocsin/base/instant"
import type { BackgroundJob } from "../../../kernel/worker.ts"
import { voidExceededApprovals } from "../../../share/release/actions/void-approvals.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { findPerson } from "../../../trust/identity/actions/load-people.ts"
import { tokenFor } from "../../../trust/mail/actions/sign-bounce-token.ts"
import { createMailJob } from "../../../trust/mail/actions/send-mail.ts"
import { hasAgreementStartedSince } from "../../../trust/partners/agreements/actions/accept-agreement.ts"
import { listPartnersChangedSince } from "../../../trust/partners/actions/load-facts.ts"
import { standsInFor } from "../deputy.ts"
import * as store from "../store.ts"
import { type NoticeStep, keyOf, noticeStepsOf, isTaskOf } from "../task.ts"
import { listOpenTasks, listStaff } from "./list-tasks.ts"
import { recordFailedDelivery } from "./record-bounce.ts"

export const taskMailSubject = "Notice from your early-warning program's console"
export const taskMailText = [
    "You have a task in the console.",
    "",
    "Sign in to see the task, its deadline, and what happens if no one acts.",
    "This message is the same every time and says nothing else on purpose.",
    "",
].join("\n")

/** Queues one notice for each person with new tasks, however many. */
export async function notifyStaffOfTasks(ctx: ActionContext): Promise<void> {
    const openTasks = await listOpenTasks(ctx)
    const deputies = await store.listDeputies(ctx.tx, ctx.now)
    const staff = await listStaff(ctx)
    for (const person of staff) {
        const represented = standsInFor(deputies, staff, person.id, ctx.now)
        const tasks = openTasks.filter((task) => isTaskOf(task, person, represented))
        const open = new Set(tasks.filter(({ onlyFor }) => onlyFor === null).map(keyOf))
        const steps = tasks.flatMap((task) => noticeStepsOf(task, ctx.now).map((step) => ({ key: keyOf(task), step })))
        const newNotices = steps.length === 0 ? [] : await store.insertTaskNotices(ctx.tx, person.id, steps, ctx.now)
        const count = (step: NoticeStep) => newNotices.filter((toldOf) => toldOf.step === step).length
        const confidential = !newNotices.some(({ key }) => open.has(key))
        if (newNotices.length === 0) continue
        const notice = ctx.services.newId()
        await store.insertNotice(
            ctx.tx,
            { id: notice, person: person.id, confidential },
            ctx.now,
            ctx.services.realNow(),
        )
        const counts = { opened: count("opened"), dueSoon: count("due_soon"), overdue: count("overdue") }
        await record(ctx, { kind: "task.notified", notice, person: person.id, ...counts }, true)
    }
}

/** Notifies of tasks that began, expire soon or are overdue by the passing of time. */
export const checkTasksJob: BackgroundJob = {
    name: "tasks",
    runsSeldom: true,
    run: async (services) =>
        await services.db.transaction(async (tx) => {
            const now = await services.clock.now(tx)
            const last = await store.findLastRun(tx, now)
            if (last !== null && now - last < hourMs) return false
            if (!(await store.claimRun(tx, now, now - hourMs))) return false
            const ctx: ActionContext = { tx, now, services, actor: { kind: "system", component: "tasks" } }
            await voidByTime(ctx, last ?? now - hourMs)
            await notifyStaffOfTasks(ctx)
            return false
        }),
}

/**
 * Voids approvals after changes of partners that were decided for an instant that has come, since these raise no event.
 */
async function voidByTime(ctx: ActionContext, since: Instant): Promise<void> {
    const partners = (await hasAgreementStartedSince(ctx, since)) ? [null] : await listPartnersChangedSince(ctx, since)
    for (const partner of partners) await voidExceededApprovals(ctx, { case: null, partner }, "release.effects_changed")
}

/** Counts notices to staff that are due and not sent, without confidential ones. */
export async function countUnsentToStaff(ctx: ActionContext): Promise<number> {
    return await store.countDueNotices(ctx.tx)
}

/** Sends notices that are due. */
export const mailStaffJob = createMailJob<store.NoticeRow>({
    name: "staff-mail",
    pendingQuery: store.dueNoticesQuery,
    claim: ({ tx }, realNow) => store.claimDueNotice(tx, realNow),
    findRecipient: async (ctx, { person }) => {
        const recipient = await findPerson(ctx, person)
        return recipient && recipient.leftAt === null ? { to: recipient.mail } : "dropped"
    },
    compose: async ({ services }, { id }, to) => ({
        to,
        subject: taskMailSubject,
        text: taskMailText,
        id,
        token: tokenFor(services.keys, id),
    }),
    holdUntil: ({ tx }, { id }, until) => store.reserveNotice(tx, id, until),
    isHeld: ({ tx }, { id }, until) => store.lockReservedNotice(tx, id, until),
    saveResult: async (ctx, { id, person }, { state, nextAt }) => {
        await store.setNotice(ctx.tx, id, state === "bounced" ? "failed" : state, nextAt)
        if (state === "bounced") await recordFailedDelivery(ctx, id, person)
    },
})
