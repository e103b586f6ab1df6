/**
 * One decision within a request: the real action, which reads every fact in the request's transaction. Its limits are
 * Cedar's bare answers to the same questions, and one round trip.
 */
import { findEntitlement } from "../server/src/share/entitlement/actions/decide-access.ts"
import { loadDecisionFacts } from "../server/src/share/entitlement/actions/load-decision-facts.ts"
import { threeTier } from "../server/src/share/entitlement/packs/three-tier.ts"
import { bareDecisions } from "./bare.ts"
import { type Figure, compareWithLimits, readingOf, formatReading } from "./measure.ts"
import { type BenchProgram, system } from "./program.ts"

const rounds = 20
const timesARound = 50
const msMax = 2

export async function measureDecision(world: BenchProgram): Promise<Figure> {
    const [fetcher] = world.fetchers
    if (!fetcher) throw new Error("nobody fetches")
    const artifact = world.artifacts.technical
    const decisionFacts = await world.acting(system, (ctx) => loadDecisionFacts(ctx, world.case, fetcher.id, ctx.now))
    const [partner, facts] = [
        decisionFacts.partners[0],
        decisionFacts.artifacts.find((item) => item.artifact === artifact),
    ]
    if (!partner || !facts) throw new Error("nothing to decide")
    const consent = decisionFacts.consentOf(partner.partner, world.case)
    const [bare] = bareDecisions(threeTier.text, [{ partner, artifact: facts, consent }])
    if (!bare) throw new Error("nothing to ask")
    const statementsInRequest = await world.acting(system, async (ctx) => {
        const statements: string[] = []
        const query: typeof ctx.tx.query = (sql, values) => {
            statements.push(sql)
            return ctx.tx.query(sql, values)
        }
        const found = await findEntitlement({ ...ctx, tx: { ...ctx.tx, query } }, fetcher.id, artifact)
        if (found?.version !== 1) throw new Error("the partner is not entitled")
        return statements.length
    })
    const { measured, limits } = await world.acting(system, (ctx) =>
        compareWithLimits(rounds, () => measureCallMs(() => findEntitlement(ctx, fetcher.id, artifact)), [
            () => measureCallMs(() => ctx.tx.query("select 1")),
            () => measureCallMs(bare),
        ]),
    )
    const [statement = readingOf([]), cedar = readingOf([])] = limits
    return {
        title: "One decision inside a request, of one partner about one artifact",
        lines: [
            [`facts read, decided, with reasons: ${statementsInRequest} statements`, formatReading(measured, "ms", 3)],
            ["limit: one statement, there and back", formatReading(statement, "ms", 3)],
            ["limit: one bare Cedar decision", formatReading(cedar, "ms", 3)],
        ],
        target: { text: `${msMax} ms`, isMet: measured.median <= msMax },
    }
}

async function measureCallMs(work: () => unknown): Promise<number> {
    const start = performance.now()
    for (let n = 0; n < timesARound; n++) await work()
    return (performance.now() - start) / timesARound
}
