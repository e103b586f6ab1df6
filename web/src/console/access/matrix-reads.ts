/** Reads who gets what of a case. The answer has each decision once; the screens see one entry per cell. */
import { useMemo } from "react"
import type { UseQueryResult } from "@tanstack/react-query"
import { expandMatrix } from "../../../../server/src/share/entitlement/compact-matrix.ts"
import type { Matrix } from "../answers.ts"
import { type AnswerTo, useRead } from "../api.ts"

interface Wanted {
    readonly case: string
    /** An instant; null: now. */
    readonly at?: string | null
    /** A policy version; null: the policy in force. */
    readonly policy?: number | null
    /** One partner; left out: all. */
    readonly partner?: string
}

/** `wanted` null: sends no request. */
export function useEntitlements(wanted: Wanted | null): UseQueryResult<Matrix, Error> {
    return useExpanded(useRead(wanted === null ? null : addressOf(wanted)))
}

/** A case under a policy version, by the facts of a past instant. Null: sends no request. */
export function useReplay(wanted: { version: number; case: string; at: string } | null): UseQueryResult<Matrix, Error> {
    return useExpanded(
        useRead(
            wanted &&
                (`/api/policies/${wanted.version}/replay?case=${wanted.case}&at=${encodeURIComponent(wanted.at)}` as const),
        ),
    )
}

type CompactAnswer = AnswerTo<"/api/entitlements">

function useExpanded(query: UseQueryResult<CompactAnswer, Error>): UseQueryResult<Matrix, Error> {
    const data = useMemo(() => query.data && expanded(query.data), [query.data])
    return { ...query, data } as UseQueryResult<Matrix, Error>
}

function addressOf({ case: id, at = null, policy = null, partner }: Wanted) {
    const rest = [
        at !== null && `&at=${encodeURIComponent(at)}`,
        policy !== null && `&policy=${policy}`,
        partner !== undefined && `&partner=${partner}`,
    ].filter((part) => part !== false)
    return `/api/entitlements?case=${id}${rest.join("")}` as const
}

function expanded({ artifacts, decisions, partners, ...matrix }: CompactAnswer): Matrix {
    return { ...matrix, entitlements: expandMatrix({ artifacts, decisions, partners }) }
}
