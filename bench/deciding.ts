/**
 * One decision within a request: the real action, which reads every fact in the request's transaction. Its limits are
 * Cedar's bare answers to the same questions, and one round trip.
 */
import { findEntitlement } from "../server/src/share/entitlement/actions/decide-access.ts"
import { loadDecisionFacts } from "../server/src/share/entitlement/actions/load-decision-facts.ts"
import { threeTier } from "../server/src/share/entitlement/packs/three-tier.ts"
import { bareDecisions } from "./bare.ts"
import { type Figure, besideLimits, readingOf, shown } from "./measure.ts"
import { type BenchProgram, system } from "./program.ts"

const rounds = 20
const timesARound = 50
const msMax = 2

export async function deciding(world: BenchProgram): Promise<Figure> {
    const [fetcher] = world.fetchers
    if (!fetcher) throw new Error("nobody fetches")
    const artifact = world.artifacts.technical
    const ground = await world.acting(system, (ctx) => loadDecisionFacts(ctx, world.case, fetcher.id, ctx.now))
    const [partner, facts] = [ground.partners[0], ground.artifacts.find((item) => item.artifact === artifact)]
    if (!partner || !facts) throw new Error("nothing to decide")
    const consent = ground.consentOf(partner.partner, world.case)
    const [bare] = bareDecisions(threeTier.text, [{ partner, artifact: facts, consent }])
    if (!bare) throw new Error("nothing to ask")
    const inOneRequest = await world.acting(system, async (ctx) => {
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
        besideLimits(rounds, () => msEach(() => findEntitlement(ctx, fetcher.id, artifact)), [
            () => msEach(() => ctx.tx.query("select 1")),
            () => msEach(bare),
        ]),
    )
    const [statement = readingOf([]), cedar = readingOf([])] = limits
    return {
        title: "One decision inside a request, of one partner about one artifact",
        lines: [
            [`facts read, decided, with reasons: ${inOneRequest} statements`, shown(measured, "ms", 3)],
            ["limit: one statement, there and back", shown(statement, "ms", 3)],
            ["limit: one bare Cedar decision", shown(cedar, "ms", 3)],
        ],
        floor: { text: `${msMax} ms`, kept: measured.median <= msMax },
    }
}

async function msEach(work: () => unknown): Promise<number> {
    const start = performance.now()
    for (let n = 0; n < timesARound; n++) await work()
    return (performance.now() - start) / timesARound
}
