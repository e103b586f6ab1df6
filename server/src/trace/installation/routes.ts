/** HTTP routes of the operator for the installation: health, keys and channels. */
import { type Instant, dayMs, formatInstant } from "@tocsin/base/instant"
import { route } from "../../kernel/action-context.ts"
import { listChannels } from "./actions/list-channels.ts"
import { listServerKeys } from "./actions/list-server-keys.ts"
import { loadHealth } from "./actions/load-health.ts"
import { countedPeriodMs } from "./channel-state.ts"
import { canRelease } from "./health.ts"
import { channelsAnswer, healthAnswer, serverKeysAnswer } from "./schemas.ts"

const instantOrNull = (at: Instant | null) => (at === null ? null : formatInstant(at))

export const routes = [
    route(
        {
            method: "GET",
            path: "/api/health",
            side: "console",
            permission: "health:read",
            summary:
                "Returns whether releases run, with their conditions, and the state of jobs, notices, audit log, " +
                "backups and witnesses",
            answer: healthAnswer,
        },
        async (ctx) => {
            const health = await loadHealth(ctx)
            const { auditLog, backups, witnessing, publicSite, next } = health
            return {
                ...health,
                canRelease: canRelease(health),
                next: next && { ...next, at: formatInstant(next.at) },
                auditLog: {
                    ...auditLog,
                    checkpointAt: instantOrNull(auditLog.checkpointAt),
                    damagedSince: instantOrNull(auditLog.damagedSince),
                },
                backups: {
                    ...backups,
                    newest: backups.newest && { ...backups.newest, takenAt: formatInstant(backups.newest.takenAt) },
                    overdueSince: instantOrNull(backups.overdueSince),
                },
                witnessing: {
                    ...witnessing,
                    quorum: witnessing.quorum && { ...witnessing.quorum, at: formatInstant(witnessing.quorum.at) },
                    lateSince: instantOrNull(witnessing.lateSince),
                    witnesses: witnessing.witnesses.map(({ askedAt, name, signedSize, problem }) => ({
                        name,
                        askedAt: formatInstant(askedAt),
                        signedSize,
                        problem,
                    })),
                },
                publicSite: { ...publicSite, lastAt: instantOrNull(publicSite.lastAt) },
            }
        },
    ),
    route(
        {
            method: "GET",
            path: "/api/server-keys",
            side: "console",
            permission: "server_key:read",
            summary: "Lists the keys that the server holds, with public fingerprints and without secrets",
            answer: serverKeysAnswer,
        },
        async (ctx) => ({
            keys: (await listServerKeys(ctx)).map((key) => ({ ...key, since: instantOrNull(key.since) })),
        }),
    ),
    route(
        {
            method: "GET",
            path: "/api/channels",
            side: "console",
            permission: "channel:read",
            summary: "Lists the channels to partners and the public, with their use and their problems",
            answer: channelsAnswer,
        },
        async (ctx) => ({
            days: countedPeriodMs / dayMs,
            channels: (await listChannels(ctx)).map((channel) => ({
                ...channel,
                lastAt: instantOrNull(channel.lastAt),
                problems: channel.problems.map((problem) => ({ ...problem, since: instantOrNull(problem.since) })),
            })),
        }),
    ),
]
