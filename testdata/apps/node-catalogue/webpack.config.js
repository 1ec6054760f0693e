const path = require('path');
const CopyPlugin = require('copy-webpack-plugin');

module.exports = {
  entry: './src/index.js',
  output: {
    path: path.resolve(__dirname, 'build'),
    filename: 'catalogue.js',
    publicPath: '/'
  },
  module: {
    rules: [{ test: /\.jsx?$/, exclude: /node_modules/, use: 'babel-loader' }]
  },
  resolve: { extensions: ['.js', '.jsx'] },
  plugins: [new CopyPlugin([{ from: 'public' }])],
  devServer: { historyApiFallback: true, contentBase: './public' }
};
