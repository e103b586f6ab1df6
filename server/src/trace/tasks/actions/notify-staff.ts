/**
 * Notifies staff by mail of new tasks, and again before they expire. The mail is always the same and names no task. An
 * event handler notifies of new tasks at once; a background job checks tasks that depend on time once an hour of
 * program time. A person is notified of a task once when it is new and once before it expires.
 */
import { type Instant, hourMs } from "@tocsin/base/instant"
import type { BackgroundJob } from "../../../kernel/worker.ts"
import { voidExceededApprovals } from "../../../share/release/actions/void-approvals.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { personById } from "../../../trust/identity/actions.ts"
import { tokenFor } from "../../../trust/mail/actions/receive-bounce.ts"
import { sending } from "../../../trust/mail/actions/send-mail.ts"
import { hasAgreementBegunSince } from "../../../trust/partners/agreements/actions/accept-agreement.ts"
import { partnersChangedSince } from "../../../trust/partners/actions/load-facts.ts"
import { standsInFor } from "../deputy.ts"
import * as store from "../store.ts"
import { type Step, keyOf, stepsOf, waitsFor } from "../task.ts"
import { everythingWaiting, operatorPersons } from "./list-tasks.ts"
import { noteFailed } from "./record-bounce.ts"

export const waitingSubject = "Notice from your early-warning program's console"
export const waitingText = [
    "You have a task in the console.",
    "",
    "Sign in to see the task, its deadline, and what happens if no one acts.",
    "This message is the same every time and says nothing else on purpose.",
    "",
].join("\n")

/** Queues one notice for each person with new tasks, however many. */
export async function notifyStaffOfTasks(ctx: ActionContext): Promise<void> {
    const items = await everythingWaiting(ctx)
    const deputies = await store.listDeputies(ctx.tx, ctx.now)
    const here = await operatorPersons(ctx)
    for (const person of here) {
        const behind = standsInFor(deputies, here, person.id, ctx.now)
        const tasks = items.filter((item) => waitsFor(item, person, behind))
        const open = new Set(tasks.filter(({ onlyFor }) => onlyFor === null).map(keyOf))
        const steps = tasks.flatMap((item) => stepsOf(item, ctx.now).map((step) => ({ key: keyOf(item), step })))
        const toldOfs = steps.length === 0 ? [] : await store.insertTold(ctx.tx, person.id, steps, ctx.now)
        const count = (step: Step) => toldOfs.filter((toldOf) => toldOf.step === step).length
        const sealed = !toldOfs.some(({ key }) => open.has(key))
        if (toldOfs.length === 0) continue
        const notice = ctx.services.newId()
        await store.insertNotice(ctx.tx, { id: notice, person: person.id, sealed }, ctx.now, ctx.services.realNow())
        const counts = { opened: count("opened"), dueSoon: count("due_soon"), overdue: count("overdue") }
        await record(ctx, { kind: "task.notified", notice, person: person.id, ...counts }, true)
    }
}

/** Notifies of tasks that began, expire soon or are overdue by the passing of time. */
export const checkTasksJob: BackgroundJob = {
    name: "minding",
    isUnhurried: true,
    run: async (services) =>
        await services.db.transaction(async (tx) => {
            const now = await services.clock.now(tx)
            const last = await store.findLastLook(tx, now)
            if (last !== null && now - last < hourMs) return false
            if (!(await store.claimRun(tx, now, now - hourMs))) return false
            const ctx: ActionContext = { tx, now, services, actor: { kind: "system", step: "minding" } }
            await voidByTime(ctx, last ?? now - hourMs)
            await notifyStaffOfTasks(ctx)
            return false
        }),
}

/**
 * Voids approvals after changes of partners that were decided for an instant that has come, since these raise no event.
 */
async function voidByTime(ctx: ActionContext, since: Instant): Promise<void> {
    const partners = (await hasAgreementBegunSince(ctx, since)) ? [null] : await partnersChangedSince(ctx, since)
    for (const partner of partners) await voidExceededApprovals(ctx, { case: null, partner }, "release.effects_changed")
}

/** Counts notices to staff that are due and not sent. */
export async function countUnsentToStaff(ctx: ActionContext): Promise<number> {
    return await store.countDue(ctx.tx)
}

/** Sends notices that are due. */
export const mailStaffJob = sending<store.NoticeRow>({
    name: "mailing-operators",
    waiting: store.noticesWaiting,
    take: ({ tx }, realNow) => store.claimDueNotice(tx, realNow),
    receiver: async (ctx, { person }) => {
        const input = await personById(ctx, person)
        return input && input.leftAt === null ? { to: input.mail } : "dropped"
    },
    letter: async ({ services }, { id }, to) => ({
        to,
        subject: waitingSubject,
        text: waitingText,
        id,
        token: tokenFor(services.keys, id),
    }),
    hold: ({ tx }, { id }, until) => store.holdNotice(tx, id, until),
    isHeld: ({ tx }, { id }, until) => store.lockHeldNotice(tx, id, until),
    settle: async (ctx, { id, person }, { state, nextAt }) => {
        await store.setNotice(ctx.tx, id, state === "bounced" ? "failed" : state, nextAt)
        if (state === "bounced") await noteFailed(ctx, id, person)
    },
})
