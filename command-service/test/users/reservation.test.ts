import type { ReservationEvent } from '@creator-dashboards/shared/events/user';
import { newId } from '@creator-dashboards/shared/ids';
import { expect } from 'chai';
import {
  reservation,
  reservationStream,
  reservedDigest,
  type ReservationCommand,
} from '../../src/domain/reservation.js';
import { given } from '../support/decider.js';

const [ownerId, otherId, commandId] = [newId(), newId(), newId()];
const stream = 'username-1234';
const at = '2026-05-01T10:00:00.000Z';
const purpose = 'RENAME' as const;

const reserve: ReservationCommand = {
  type: 'Reserve',
  stream,
  ownerId,
  commandId,
  purpose,
  at,
  taken: 'error.user.username_taken',
};
const reserved = (by = commandId, owner = ownerId): ReservationEvent => ({
  type: 'Reserved',
  data: { ownerId: owner, commandId: by, purpose, at },
});
const release: ReservationCommand = { type: 'Release', stream, ownerId, reason: 'RENAMED' };
const released: ReservationEvent = { type: 'Released', data: { ownerId, reason: 'RENAMED' } };
const undo: ReservationCommand = { type: 'Release', stream, ownerId, reason: 'UNDONE', takenBy: commandId };

describe('The reservation aggregate (G43)', () => {
  it('belongs to the first who asks', () => given(reservation).when(reserve).then(reserved()));
  it('is refused to others, and to its owner for another command', () => {
    given(reservation, reserved(newId(), otherId)).when(reserve).refused('error.user.username_taken');
    given(reservation, reserved(newId())).when(reserve).refused('error.user.username_taken');
    given(reservation, reserved(commandId, otherId)).when(reserve).refused('error.user.username_taken');
  });
  it('does nothing when repeated by the same command', () => given(reservation, reserved()).when(reserve).nothing());
  it('is released once, by its owner only', () => {
    given(reservation, reserved()).when(release).then(released);
    given(reservation, reserved())
      .when({ ...release, ownerId: otherId })
      .nothing();
    given(reservation, reserved(), released).when(release).nothing();
  });
  it('is undone only for the command that made it: the owner may have it again since', () => {
    given(reservation, reserved())
      .when(undo)
      .then({ type: 'Released', data: { ownerId, reason: 'UNDONE' } });
    given(reservation, reserved(), released, reserved(newId())).when(undo).nothing();
  });
  it('can be made again after its release', () =>
    given(reservation, reserved(), released).when(reserve).then(reserved()));
  it('has its owner in its routing keys, after the release too (9.1)', () => {
    expect(reservation.keysOf(given(reservation, reserved()).state, reserve)).to.deep.equal({ userId: ownerId });
    expect(reservation.keysOf(given(reservation, reserved(), released).state, release)).to.deep.equal({
      userId: ownerId,
    });
  });
  it('is named by a digest', () => {
    expect(reservationStream('username', '1234')).to.equal(stream);
    expect(reservedDigest(stream)).to.equal('1234');
    expect(reservedDigest(reservationStream('socialAccount', 'TIKTOK_5678'))).to.equal('5678');
  });
});
