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
import { type Figure, compareWithLimits, readingOf, measureSeconds, formatReading } from "./measure.ts"
import { type BenchProgram, system } from "./program.ts"

const rounds = 5
const secondsMax = 1
const policy = "with the duty rule"

export async function measureMatrix(world: BenchProgram): Promise<Figure> {
    const { services, case: caseId } = world
    services.policy.load(policy, threeTierWithDuty.text, schemaText)
    const facts = await world.acting(system, (ctx) => loadDecisionFacts(ctx, caseId, null, ctx.now))
    const bare = bareDecisions(threeTierWithDuty.text, requestsOf(facts))
    const loadAll = () => world.acting(system, (ctx) => loadMatrix(ctx, caseId, { policy: 2 }))
    const cells = (await loadAll()).entitlements.length
    const at = Date.now()
    const { measured, limits, ratios } = await compareWithLimits(
        rounds,
        () => measureSeconds(() => cellsOf(decideMatrix(services.policy, policy, facts, at)).toArray()),
        [() => measureSeconds(() => bare.forEach((decideOne) => decideOne())), () => measureSeconds(loadAll)],
    )
    const [limit, database] = limits
    if (!limit || !database || !ratios[0]) throw new Error("nothing was measured")
    const speedup = readingOf([ratios[0].min, ratios[0].median, ratios[0].max].map((ratio) => 1 / ratio))
    return {
        title:
            `The matrix of ${facts.partners.length} partners and ${facts.artifacts.length} artifacts: ${cells} ` +
            "cells",
        lines: [
            ["decided, with reasons, from facts in memory", formatReading(measured, "s", 3)],
            ["decided, with reasons, from the database, in one transaction", formatReading(database, "s", 3)],
            [`limit: ${bare.length} bare Cedar decisions, one a cell`, formatReading(limit, "s", 3)],
            ["times as fast as the limit, since equal facts are asked about once", formatReading(speedup, "", 1)],
        ],
        target: { text: "1 s", isMet: measured.median <= secondsMax && database.median <= secondsMax },
    }
}

function requestsOf({ partners, artifacts, consentOf }: MatrixFacts): DecisionRequest[] {
    return partners.flatMap((partner) =>
        artifacts.map((artifact) => ({ partner, artifact, consent: consentOf(partner.partner, artifact.case) })),
    )
}
