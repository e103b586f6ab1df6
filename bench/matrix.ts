/**
 * The entitlement matrix of 1,000 partners and 8 artifacts: from facts in memory, and complete, through the database.
 */
import { loadDecisionFacts } from "../server/src/share/entitlement/actions/load-decision-facts.ts"
import { loadMatrix } from "../server/src/share/entitlement/actions/decide-access.ts"
import type { DecisionRequest } from "../server/src/share/entitlement/facts.ts"
import { type MatrixFacts, cellsOf, decideMatrix } from "../server/src/share/entitlement/matrix.ts"
import { threeTierWithDuty } from "../server/src/share/entitlement/packs/three-tier.ts"
import { schemaText } from "../server/src/share/entitlement/schema.ts"
import { bareDecisions } from "./bare.ts"
import { type Figure, besideLimits, readingOf, secondsOf, shown } from "./measure.ts"
import { type BenchProgram, system } from "./program.ts"

const rounds = 5
const secondsMax = 1
const policy = "with the duty rule"

export async function matrices(world: BenchProgram): Promise<Figure> {
    const { services, case: caseId } = world
    services.policy.load(policy, threeTierWithDuty.text, schemaText)
    const ground = await world.acting(system, (ctx) => loadDecisionFacts(ctx, caseId, null, ctx.now))
    const bare = bareDecisions(threeTierWithDuty.text, askedOf(ground))
    const whole = () => world.acting(system, (ctx) => loadMatrix(ctx, caseId, { policy: 2 }))
    const cells = (await whole()).entitlements.length
    const at = Date.now()
    const { measured, limits, ratios } = await besideLimits(
        rounds,
        () => secondsOf(() => cellsOf(decideMatrix(services.policy, policy, ground, at)).toArray()),
        [() => secondsOf(() => bare.forEach((decideOne) => decideOne())), () => secondsOf(whole)],
    )
    const [limit, database] = limits
    if (!limit || !database || !ratios[0]) throw new Error("nothing was measured")
    const faster = readingOf([ratios[0].min, ratios[0].median, ratios[0].max].map((ratio) => 1 / ratio))
    return {
        title:
            `The matrix of ${ground.partners.length} partners and ${ground.artifacts.length} artifacts: ${cells} ` +
            "cells",
        lines: [
            ["decided, with reasons, from facts in memory", shown(measured, "s", 3)],
            ["decided, with reasons, from the database, in one transaction", shown(database, "s", 3)],
            [`limit: ${bare.length} bare Cedar decisions, one a cell`, shown(limit, "s", 3)],
            ["times as fast as the limit, since equal facts are asked about once", shown(faster, "", 1)],
        ],
        floor: { text: "1 s", kept: measured.median <= secondsMax && database.median <= secondsMax },
    }
}

function askedOf({ partners, artifacts, consentOf }: MatrixFacts): DecisionRequest[] {
    return partners.flatMap((partner) =>
        artifacts.map((artifact) => ({ partner, artifact, consent: consentOf(partner.partner, artifact.case) })),
    )
}
