/** Lists every HTTP route, grouped by slice. */
import type { ActionContext } from "./kernel/action-context.ts"
import type { Route } from "./kernel/route.ts"
import { routes as approvals } from "./trust/approvals/routes.ts"
import { routes as audit } from "./trust/audit-log/routes.ts"
import { routes as continuity } from "./trust/continuity/routes.ts"
import { routes as identity } from "./trust/identity/routes.ts"
import { admissionRoutes as admission } from "./trust/partners/onboarding/routes/admission.ts"
import { applyingRoutes as applying } from "./trust/partners/onboarding/routes/applications.ts"
import { duesRoutes as dues } from "./trust/partners/requirements/routes/requirements.ts"
import { consoleRoutes as partners } from "./trust/partners/routes/partners.ts"
import { rulesRoutes as partnerRules } from "./trust/partners/routes/program-rules.ts"
import { portalRoutes as ownAffairs } from "./trust/partners/routes/portal.ts"
import { routes as receipts } from "./trust/receipts/routes.ts"
import { routes as artifacts } from "./share/artifacts/routes.ts"
import { recallRoutes as recalls } from "./share/artifacts/routes/recalls.ts"
import { routes as cases } from "./share/cases/routes.ts"
import { embargoRoutes as embargo } from "./share/cases/routes/embargo.ts"
import { partyRoutes as parties } from "./share/cases/routes/parties.ts"
import { routes as delivery } from "./share/delivery/routes.ts"
import { filterRoutes } from "./share/delivery/notices/routes/filters.ts"
import { followingRoutes } from "./share/delivery/recalls/routes/recalls.ts"
import { resultRoutes } from "./share/delivery/routes/test-results.ts"
import { waveRoutes } from "./share/delivery/routes/waves.ts"
import { routes as entitlement } from "./share/entitlement/routes.ts"
import { routes as canaries } from "./share/canaries/routes.ts"
import { routes as marking } from "./share/marking/routes.ts"
import { routes as webhooks } from "./share/webhooks/routes.ts"
import { routes as waves } from "./share/waves/routes.ts"
import { publicRoutes, routes as publication } from "./share/publication/routes.ts"
import { routes as release } from "./share/release/routes.ts"
import { breakingRoutes as breaking } from "./share/release/routes/emergency-release.ts"
import { invitingRoutes as inviting } from "./share/release/routes/invitations.ts"
import { linkingRoutes as linking } from "./share/release/routes/links.ts"
import { partnerRoutes as changes } from "./share/release/routes/change-partner.ts"
import { retellingRoutes as retelling } from "./share/release/routes/amendments.ts"
import { recallingRoutes as recalling } from "./share/release/routes/recalls.ts"
import { routes as clock } from "./share/release/routes/clocks.ts"
import { routes as regulatoryClocks } from "./trace/regulatory-clocks/routes.ts"
import { routes as attribution } from "./trace/attribution/routes.ts"
import { routes as evidence } from "./trace/evidence/routes.ts"
import { routes as inquiries } from "./trace/inquiries/routes.ts"
import { routes as planning } from "./trace/planning/routes.ts"
import { letterRoutes, ownLetterRoutes } from "./trace/measures/routes/letters.ts"
import { measureRoutes, reviewRoutes } from "./trace/measures/routes/measures.ts"
import { procedureRoutes } from "./trace/measures/routes/procedures.ts"
import { publicReportRoutes, routes as reports } from "./trace/statistics/routes.ts"
import { routes as sightings } from "./trace/sightings/routes.ts"
import { routes as waiting } from "./trace/tasks/routes.ts"
import { circleRoutes as circles } from "./channels/portal/circles.ts"
import { consentRoutes as consents } from "./channels/portal/consents.ts"
import { receiptRoutes as ownReceipts } from "./channels/portal/receipts.ts"
import { protectionRoutes as ownProtections } from "./channels/portal/protections.ts"
import { recallRoutes as ownRecalls } from "./channels/portal/recalls.ts"
import { resultRoutes as ownResults } from "./channels/portal/results.ts"
import { sightingRoutes as ownSightings } from "./channels/portal/sightings.ts"
import { routes as portal } from "./channels/portal/routes.ts"
import { routes as mispRoutes } from "./channels/misp/routes.ts"
import { routes as ownCsafRoutes } from "./channels/csaf/routes.ts"
import { routes as taxiiRoutes } from "./channels/taxii/routes.ts"
import { schemaRoutes } from "./channels/taxii/schema.ts"

/** Routes of JSON. Screens and the client take the types of their answers from them. */
export const apiRoutes = [
    ...publication,
    ...audit,
    ...receipts,
    ...continuity,
    ...identity,
    ...approvals,
    ...partners,
    ...ownAffairs,
    ...applying,
    ...admission,
    ...dues,
    ...partnerRules,
    ...cases,
    ...embargo,
    ...parties,
    ...artifacts,
    ...recalls,
    ...waves,
    ...entitlement,
    ...release,
    ...breaking,
    ...inviting,
    ...linking,
    ...changes,
    ...clock,
    ...recalling,
    ...retelling,
    ...webhooks,
    ...delivery,
    ...filterRoutes,
    ...waveRoutes,
    ...canaries,
    ...marking,
    ...followingRoutes,
    ...resultRoutes,
    ...sightings,
    ...evidence,
    ...regulatoryClocks,
    ...attribution,
    ...inquiries,
    ...planning,
    ...measureRoutes,
    ...reviewRoutes,
    ...procedureRoutes,
    ...letterRoutes,
    ...ownLetterRoutes,
    ...reports,
    ...waiting,
    ...portal,
    ...circles,
    ...consents,
    ...ownReceipts,
    ...ownRecalls,
    ...ownResults,
    ...ownSightings,
    ...ownProtections,
]

export const allRoutes: readonly Route<ActionContext>[] = [
    ...apiRoutes,
    ...publicRoutes,
    ...publicReportRoutes,
    ...taxiiRoutes,
    ...schemaRoutes,
    ...mispRoutes,
    ...ownCsafRoutes,
]
