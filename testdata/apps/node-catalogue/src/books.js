export default [
  { id: '1', title: 'The Tide Tables', year: 1911 },
  { id: '2', title: 'Knots for the Patient', year: 1927 }
];
