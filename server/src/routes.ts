/** Lists every HTTP route, grouped by feature. */
import type { ActionContext } from "./kernel/action-context.ts"
import type { Route } from "./kernel/route.ts"
import { routes as approvals } from "./trust/approvals/routes.ts"
import { routes as audit } from "./trust/audit-log/routes.ts"
import { routes as continuity } from "./trust/continuity/routes.ts"
import { routes as identity } from "./trust/identity/routes.ts"
import { routes as machineClients } from "./trust/identity/machines/routes/clients.ts"
import { routes as machines } from "./trust/identity/machines/routes/tokens.ts"
import { routes as passkeys } from "./trust/identity/passkeys/routes.ts"
import { routes as sessions } from "./trust/identity/sessions/routes.ts"
import { routes as singleSignOn } from "./trust/identity/single-sign-on/routes.ts"
import { admissionRoutes as admission } from "./trust/partners/onboarding/routes/admission.ts"
import { applicationRoutes as applications } from "./trust/partners/onboarding/routes/applications.ts"
import { requirementRoutes as requirements } from "./trust/partners/requirements/routes/requirements.ts"
import { importRoutes as partnerImports } from "./trust/partners/imports/routes/imports.ts"
import { consoleRoutes as partners } from "./trust/partners/routes/partners.ts"
import { rulesRoutes as programRules } from "./trust/partners/routes/program-rules.ts"
import { portalRoutes as partnerPortal } from "./trust/partners/routes/portal.ts"
import { routes as receipts, tiles } from "./trust/receipts/routes.ts"
import { routes as artifacts } from "./share/artifacts/routes/artifacts.ts"
import { recallRoutes as recalls } from "./share/artifacts/routes/recalls.ts"
import { routes as cases } from "./share/cases/routes/cases.ts"
import { embargoRoutes as embargo } from "./share/cases/routes/embargo.ts"
import { partyRoutes as parties } from "./share/cases/routes/parties.ts"
import { routes as delivery } from "./share/delivery/routes/deliveries.ts"
import { filterRoutes } from "./share/delivery/notices/routes/filters.ts"
import { holderRoutes } from "./share/delivery/recalls/routes/recalls.ts"
import { resultRoutes } from "./share/delivery/routes/test-results.ts"
import { waveRoutes } from "./share/delivery/routes/waves.ts"
import { routes as entitlement } from "./share/entitlement/routes.ts"
import { routes as canaries } from "./share/canaries/routes.ts"
import { routes as marking } from "./share/marking/routes.ts"
import { routes as questions } from "./share/questions/routes.ts"
import { routes as webhooks } from "./share/webhooks/routes.ts"
import { routes as waves } from "./share/waves/routes.ts"
import { publicRoutes, routes as publication } from "./share/publication/routes.ts"
import { routes as release } from "./share/release/routes/releases.ts"
import { emergencyReleaseRoutes as emergencyRelease } from "./share/release/routes/emergency-release.ts"
import { invitationRoutes as invitations } from "./share/release/routes/invitations.ts"
import { linkRoutes as caseLinks } from "./share/release/routes/links.ts"
import { partnerRoutes as partnerChanges } from "./share/release/routes/change-partner.ts"
import { amendmentRoutes as amendments } from "./share/release/routes/amendments.ts"
import { recallRoutes as recallRequests } from "./share/release/routes/recalls.ts"
import { routes as clock } from "./share/release/routes/clocks.ts"
import { routes as caseContent } from "./trace/case-content/routes.ts"
import { routes as regulatoryClocks } from "./trace/regulatory-clocks/routes.ts"
import { routes as attribution } from "./trace/attribution/routes/attributions.ts"
import { routes as evidence } from "./trace/evidence/routes/evidence.ts"
import { routes as inquiries } from "./trace/inquiries/routes/inquiries.ts"
import { routes as planning } from "./trace/planning/routes.ts"
import { letterRoutes, letterRoutesForPartner } from "./trace/measures/routes/letters.ts"
import { measureRoutes, reviewRoutes } from "./trace/measures/routes/measures.ts"
import { procedureRoutes } from "./trace/measures/routes/procedures.ts"
import { publicReportRoutes, routes as reports } from "./trace/statistics/routes.ts"
import { routes as sightings } from "./trace/sightings/routes.ts"
import { routes as installation } from "./trace/installation/routes.ts"
import { routes as tasks } from "./trace/tasks/routes.ts"
import { accessListRoutes as accessLists } from "./channels/portal/access-lists.ts"
import { consentRoutes as consents } from "./channels/portal/consents.ts"
import { receiptRoutes as portalReceipts } from "./channels/portal/receipts.ts"
import { protectionRoutes as portalProtections } from "./channels/portal/protection-statuses.ts"
import { warningQuestionRoutes as portalQuestions } from "./channels/portal/questions.ts"
import { recallRoutes as portalRecalls } from "./channels/portal/recalls.ts"
import { resultRoutes as portalTestResults } from "./channels/portal/test-results.ts"
import { sightingRoutes as portalSightings } from "./channels/portal/sightings.ts"
import { routes as portal } from "./channels/portal/routes.ts"
import { routes as mispRoutes } from "./channels/misp/routes.ts"
import { routes as csafRoutes } from "./channels/csaf/routes.ts"
import { routes as scimRoutes } from "./channels/scim/routes.ts"
import { routes as taxiiRoutes } from "./channels/taxii/routes.ts"
import { schemaRoute } from "./channels/taxii/schema.ts"

/** Routes of JSON. Screens and the client take the types of their answers from them. */
export const apiRoutes = [
    ...publication,
    ...audit,
    ...receipts,
    ...continuity,
    ...identity,
    ...machines,
    ...machineClients,
    ...passkeys,
    ...sessions,
    ...singleSignOn,
    ...approvals,
    ...partners,
    ...partnerImports,
    ...partnerPortal,
    ...applications,
    ...admission,
    ...requirements,
    ...programRules,
    ...cases,
    ...embargo,
    ...parties,
    ...artifacts,
    ...recalls,
    ...waves,
    ...entitlement,
    ...release,
    ...emergencyRelease,
    ...invitations,
    ...caseLinks,
    ...partnerChanges,
    ...clock,
    ...recallRequests,
    ...amendments,
    ...questions,
    ...webhooks,
    ...delivery,
    ...filterRoutes,
    ...waveRoutes,
    ...canaries,
    ...marking,
    ...holderRoutes,
    ...resultRoutes,
    ...sightings,
    ...evidence,
    ...caseContent,
    ...regulatoryClocks,
    ...attribution,
    ...inquiries,
    ...planning,
    ...measureRoutes,
    ...reviewRoutes,
    ...procedureRoutes,
    ...letterRoutes,
    ...letterRoutesForPartner,
    ...reports,
    ...tasks,
    ...installation,
    ...portal,
    ...accessLists,
    ...consents,
    ...portalReceipts,
    ...portalRecalls,
    ...portalTestResults,
    ...portalSightings,
    ...portalProtections,
    ...portalQuestions,
]

export const allRoutes: readonly Route<ActionContext>[] = [
    ...apiRoutes,
    ...publicRoutes,
    ...publicReportRoutes,
    ...tiles,
    ...taxiiRoutes,
    schemaRoute,
    ...mispRoutes,
    ...csafRoutes,
    ...scimRoutes,
]
