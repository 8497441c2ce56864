/**
 * The people of the demonstration to act as, without a password: one call, one token. Only those whom this installation's own story
 * created (`demo.json`), so it opens no account of a log that somebody else wrote.
 */
import { user, userStream } from '@creator-dashboards/command-service/domain/user';
import { requireOwnOrigin, withCookie } from '@creator-dashboards/command-service/http/refresh-cookie';
import { loggedIn } from '@creator-dashboards/command-service/routes/sessions';
import type { CommandService } from '@creator-dashboards/command-service/runtime/service';
import { openSession } from '@creator-dashboards/command-service/runtime/sessions';
import { Refused } from '@creator-dashboards/shared/errors';
import { TOKEN_LIFETIME_SECONDS, type TokenRole } from '@creator-dashboards/shared/http/auth';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { z } from 'zod';
import type { DemoFile, People, Person } from './file.js';

interface Persona {
  readonly name: string;
  readonly who: keyof People;
  readonly text: string;
}

const PERSONAS: readonly Persona[] = [
  {
    name: 'busy',
    who: 'creator',
    text: 'Alice: 47 messages, seven of them wait for an answer, a payout waits for approval',
  },
  { name: 'fresh', who: 'fresh', text: 'Fred: became a creator just now, everything is at its default' },
  { name: 'platinum', who: 'platinum', text: 'Paula: PLATINUM, there is no next level' },
  { name: 'frozen', who: 'frozen', text: 'Frida: an admin froze her wallet, so nothing is paid out' },
  { name: 'degraded', who: 'degraded', text: 'Dora: her dashboard waits for repair, at an event that cannot be read' },
  { name: 'erased', who: 'erased', text: 'Erik: his account was erased, so every call is refused' },
  { name: 'fan', who: 'fan', text: 'Nils: a fan with money in his wallet, who wrote to Alice' },
  { name: 'referrer', who: 'referrer', text: 'Rita: twelve friends joined by her link, one reward was taken back' },
  { name: 'admin', who: 'admin', text: 'Ada: decides payouts, settings and accounts' },
  { name: 'auditor', who: 'auditor', text: 'Otto: looks at everything and changes nothing' },
];

/** What somebody of the demonstration calls as. */
export function roleOf(who: string): TokenRole {
  if (who === 'admin') return 'ADMIN';
  return who === 'auditor' ? 'AUDITOR' : 'USER';
}

const role = z.enum(['USER', 'ADMIN', 'AUDITOR']);
const shown = z.object({ name: z.string(), role, text: z.string() });

/** Nobody is there, and every name is a 404, as long as this installation has told no story. */
export function personaRoutes(service: CommandService, demo: Pick<DemoFile, 'read'>): Route[] {
  return [
    route({
      method: 'GET',
      path: '/demo/personas',
      summary: 'The people of the demonstration to act as',
      who: 'public',
      limit: 'usual',
      data: z.object({ items: z.array(shown) }),
      handle() {
        const people = peopleOf(demo);
        const there = PERSONAS.filter(({ who }) => people[who] !== undefined);
        return Promise.resolve({
          data: { items: there.map(({ name, who, text }) => ({ name, role: roleOf(who), text })) },
        });
      },
    }),
    route({
      method: 'POST',
      path: '/demo/personas/:name/session',
      summary:
        'Act as one of them: a session as from a login; of the erased one a token alone, which every call refuses',
      who: 'public',
      limit: 'usual',
      keyless: true,
      params: z.strictObject({ name: z.string().max(50) }),
      data: loggedIn.extend({ role, userId: z.guid(), creatorId: z.guid().nullable() }),
      errors: ['auth.origin.forbidden'],
      async handle(request) {
        requireOwnOrigin(service, request);
        const persona = PERSONAS.find(({ name }) => name === request.params.name);
        const person = persona && peopleOf(demo)[persona.who];
        if (!person) throw new Refused('common.not_found');
        return actAs(service, person, roleOf(persona.who));
      },
    }),
  ];
}

function peopleOf(demo: Pick<DemoFile, 'read'>): Partial<People> {
  const state = demo.read();
  return state?.complete ? state : {};
}

async function actAs(service: CommandService, { userId, creatorId }: Person, role: TokenRole) {
  const { status, sessions } = (await service.commands.load(user, userStream(userId))).state;
  const accessToken = service.signToken({ userId, role });
  const data = { accessToken, expiresIn: TOKEN_LIFETIME_SECONDS, role, userId, creatorId };
  if (status !== 'ACTIVE') return { data };
  const opening = { userId, role, revocations: sessions.count, device: 'demonstration' };
  const { session, token } = await openSession(service, opening);
  return { data, headers: withCookie(service, token, session.expiresAt) };
}
