/** Lists the channels with their use and their problems. */
import { listPath } from "@tocsin/formats/advisory/public-page"
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { Channel } from "../../../share/delivery/channel.ts"
import { type ChannelUse, listChannelUse } from "../../../share/delivery/actions/list-channel-use.ts"
import { countUnsentNotices, loadNoticeUse } from "../../../share/delivery/notices/actions/create-notices.ts"
import { loadPublicUse } from "../../../share/publication/actions/read-public.ts"
import { listWebhookStates } from "../../../share/webhooks/actions/list-webhook-states.ts"
import { type ChannelName, type ChannelProblem, type ChannelState, countedPeriodMs } from "../channel-state.ts"

export async function listChannels(ctx: ActionContext): Promise<ChannelState[]> {
    const since = ctx.now - countedPeriodMs
    const use = await listChannelUse(ctx, since)
    const origin = ctx.services.portalOrigin
    return [
        delivered("portal", `${origin}/`, use, ["copy"]),
        delivered("taxii", `${origin}/taxii2/`, use, ["taxii", "taxii_copy"]),
        delivered("csaf", `${origin}/csaf/partner/v2.1/provider-metadata.json`, use, ["csaf"]),
        delivered("misp", null, use, ["misp"]),
        await webhooks(ctx),
        await mail(ctx, since),
        await advisories(ctx),
    ]
}

/** A partner that uses two carriers of one channel counts once. */
function delivered(
    channel: ChannelName,
    address: string | null,
    use: readonly ChannelUse[],
    carriers: readonly Channel[],
): ChannelState {
    const own = use.filter((row) => carriers.includes(row.channel))
    return {
        channel,
        address,
        partners: new Set(own.map(({ partner }) => partner)).size,
        lastAt: own.length === 0 ? null : Math.max(...own.map(({ lastAt }) => lastAt)),
        problems: [],
    }
}

/** Webhooks are called in wall-clock time. */
async function webhooks(ctx: ActionContext): Promise<ChannelState> {
    const since = ctx.services.realNow() - countedPeriodMs
    const states = await listWebhookStates(ctx)
    const used = states.flatMap(({ partner, lastAt }) =>
        lastAt !== null && lastAt > since ? [{ partner, lastAt }] : [],
    )
    return {
        channel: "webhooks",
        address: null,
        partners: new Set(used.map(({ partner }) => partner)).size,
        lastAt: used.length === 0 ? null : Math.max(...used.map(({ lastAt }) => lastAt)),
        problems: states.flatMap(({ partner, failingSince, disabledAt }): ChannelProblem[] => {
            if (disabledAt !== null) return [{ problem: "webhook_disabled", partner, count: 1, since: disabledAt }]
            return failingSince === null ? [] : [{ problem: "webhook_failing", partner, count: 1, since: failingSince }]
        }),
    }
}

async function mail(ctx: ActionContext, since: Instant): Promise<ChannelState> {
    const { partners, lastAt, undelivered } = await loadNoticeUse(ctx, since)
    const waiting = await countUnsentNotices(ctx)
    return {
        channel: "mail",
        address: null,
        partners,
        lastAt,
        problems: [
            ...(waiting === 0
                ? []
                : [{ problem: "mail_waiting" as const, partner: null, count: waiting, since: null }]),
            ...undelivered.map((row) => ({ problem: "mail_undelivered" as const, ...row })),
        ],
    }
}

async function advisories(ctx: ActionContext): Promise<ChannelState> {
    const { lastAt } = await loadPublicUse(ctx)
    return {
        channel: "advisories",
        address: `${ctx.services.portalOrigin}${listPath}`,
        partners: null,
        lastAt,
        problems: [],
    }
}
